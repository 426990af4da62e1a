"""Tab 5: the files of a task, and what is in the one under the cursor."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Final, cast

from tasktui.domain.amounts import size
from tasktui.domain.clean import decode
from tasktui.domain.errors import TasktuiError
from tasktui.domain.records import Artifact
from tasktui.ui.text import cut
from tasktui.ui.widgets.detail.blocks import Stretch, TextBlocks, TextLine
from tasktui.ui.widgets.detail.diff_rows import diff_role
from tasktui.ui.widgets.detail.fixed import FixedLines
from tasktui.ui.widgets.detail.hexadecimal import HexBlocks
from tasktui.ui.widgets.detail.line import Line, line
from tasktui.ui.widgets.detail.markdown import markdown_lines
from tasktui.ui.widgets.detail.source import Look, Match, PlainSource, Source, Value

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager
    from tasktui.ui.host import Host

PAGE: Final = 100
"""Artifacts that are read at once."""
_HEAD: Final = 4096
_MARKDOWN_BYTES: Final = 65_536
_DIFFS: Final = (".diff", ".patch")
_MARKDOWN: Final = (".md", ".markdown")


class ArtifactsSource(PlainSource):
    """Artifacts of one task by their paths, a page at a time; only the id before each page is kept."""

    grows = False

    def __init__(self, manager: Manager, task_id: str, host: Host) -> None:
        self._manager = manager
        self._task_id = task_id
        self._host = host
        self._before: list[str] = [""]
        """The id before each page."""

    async def load(self, first: int, stop: int) -> Mapping[int, Value]:
        """Read the pages that hold a range; the end is known when it was seen."""
        found: dict[int, Value] = {}
        for number in range(first // PAGE, (stop - 1) // PAGE + 1):
            if number < len(self._before):
                found |= await self._page(number)
        return found

    async def reach(self) -> None:
        """Read the first page, and learn how many there are in it."""
        await self._page(0)

    def draw(self, item: int, value: Value, look: Look, *, expanded: bool) -> Sequence[Line]:
        """Name, size, age, role."""
        artifact = cast(Artifact, value)
        gone = artifact.removed_at is not None
        figures = f" {size(artifact.size_bytes):>8} {_age(self._host.now() - artifact.changed_at):>4}"
        role = f" {artifact.role:<8}" if look.width > 44 else ""
        room = max(8, look.width - len(figures) - len(role))
        name = cut(artifact.label or artifact.path, room)
        if look.raw:
            return [line((f"{artifact.artifact_id} {artifact.root or ''} {artifact.path}", "plain"))]
        return [line((f"{name:<{room}}", "muted" if gone else "plain"), (figures, "muted"), (role, "muted"))]

    async def find(self, text: str) -> AsyncIterator[Sequence[Match]]:
        """Look at the names, page by page."""
        wanted, number = text.lower(), 0
        while number < len(self._before):
            page = await self._page(number)
            yield [
                Match(item)
                for item, value in page.items()
                if wanted in cast(Artifact, value).path.lower()
                or wanted in cast(Artifact, value).label.lower()
            ]
            number += 1

    def copied(self, item: int, value: Value) -> tuple[str, str]:
        """The path."""
        artifact = cast(Artifact, value)
        return str(PurePath(artifact.root or "") / artifact.path), "the path"

    async def _page(self, number: int) -> dict[int, Value]:
        page = await self._manager.artifacts(self._task_id, after=self._before[number], limit=PAGE)
        start = number * PAGE
        if page.more and page.items:
            # what came since moves the pages behind it
            self._before[number + 1 : number + 2] = [page.items[-1].artifact_id]
            self.stop = max(self.stop, start + len(page.items) + 1)
        else:
            del self._before[number + 1 :]
            self.stop = start + len(page.items)
        return {start + index: artifact for index, artifact in enumerate(page.items)}


class ArtifactText(TextBlocks):
    """The lines of one artifact."""

    grows = False

    def __init__(self, manager: Manager, artifact: Artifact, *, diff: bool) -> None:
        super().__init__()
        self._manager = manager
        self._artifact = artifact
        self._diff = diff

    async def read(self, offset: int, limit: int) -> Stretch:
        """Read a stretch of the file."""
        artifact = self._artifact
        chunk = await self._manager.read_artifact(
            artifact.task_id, artifact.artifact_id, offset=offset, limit=limit
        )
        return Stretch(chunk.offset, chunk.data, chunk.size)

    def draw_line(self, text: TextLine, look: Look) -> Line:
        """A line of text, of a diff in its colour."""
        shown = super().draw_line(text, look)
        if not self._diff or look.raw:
            return shown
        role = diff_role(shown.text)
        return Line(tuple((piece, role if kind == "plain" else kind) for piece, kind in shown.spans))


class MarkdownText(PlainSource):
    """One Markdown document, laid out; raw, its source."""

    stop = 1
    default = 1
    uniform = False
    grows = False

    def __init__(self, text: str) -> None:
        self._text = text

    async def load(self, first: int, stop: int) -> Mapping[int, Value]:
        """It is there."""
        return {0: self._text}

    def draw(self, item: int, value: Value, look: Look, *, expanded: bool) -> Sequence[Line]:
        """The document."""
        if look.raw:
            return [line((text, "plain")) for text in self._text.splitlines()]
        return markdown_lines(self._text, look.width)

    async def find(self, text: str) -> AsyncIterator[Sequence[Match]]:
        """Look at each line."""
        lines = self.draw(0, self._text, Look(), expanded=True)
        yield [Match(0, sub) for sub, shown in enumerate(lines) if text.lower() in shown.text.lower()]

    def copied(self, item: int, value: Value) -> tuple[str, str]:
        """The document."""
        return self._text, "the document"


async def preview(manager: Manager, artifact: Artifact) -> Source:
    """Return what shows an artifact: text, Markdown, a diff, else its bytes; or why it cannot be read."""
    try:
        head = await manager.read_artifact(artifact.task_id, artifact.artifact_id, limit=_HEAD)
    except TasktuiError as problem:
        return FixedLines([line(("✗ ", "bad"), (problem.message, "bad")), line((artifact.path, "muted"))])
    name = artifact.path.lower()
    if not head.size:
        return FixedLines([line(("The file is empty.", "muted"))])
    if _is_binary(head.data):
        return HexBlocks(manager, artifact, head.size)
    if name.endswith(_MARKDOWN) and head.size <= _MARKDOWN_BYTES:
        whole = await manager.read_artifact(artifact.task_id, artifact.artifact_id, limit=_MARKDOWN_BYTES)
        return MarkdownText(decode(whole.data))
    diff = name.endswith(_DIFFS) or artifact.role == "patch"
    text = ArtifactText(manager, artifact, diff=diff)
    await text.measure()
    return text


def _is_binary(head: bytes) -> bool:
    if b"\0" in head:
        return True
    wrong = decode(head[:-4] if len(head) == _HEAD else head).count("\ufffd")
    return wrong * 10 > len(head)


def _age(milliseconds: int) -> str:
    seconds = max(0, milliseconds // 1000)
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{min(999, seconds // length)}{unit}"
    return f"{seconds}s"
