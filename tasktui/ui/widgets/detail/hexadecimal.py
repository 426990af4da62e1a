"""Bytes that are no text: offset, sixteen bytes, and what of them can be read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

from tasktui.ui.widgets.detail.line import Line, line
from tasktui.ui.widgets.detail.source import Look, Match, PlainSource, Value

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.records import Artifact

ROW: Final = 16
"""Bytes of a line."""
BLOCK: Final = 256
"""Bytes of an item."""
_SCAN: Final = 256


class HexBlocks(PlainSource):
    """The bytes of one artifact: item n is the 256 from n * 256 on."""

    default = BLOCK // ROW
    uniform = False
    grows = False

    def __init__(self, manager: Manager, artifact: Artifact, size_bytes: int) -> None:
        self._manager = manager
        self._artifact = artifact
        self.stop = -(-size_bytes // BLOCK)

    async def load(self, first: int, stop: int) -> Mapping[int, Value]:
        """Read the bytes of a range of items."""
        artifact = self._artifact
        chunk = await self._manager.read_artifact(
            artifact.task_id, artifact.artifact_id, offset=first * BLOCK, limit=(stop - first) * BLOCK
        )
        pieces = (chunk.data[at : at + BLOCK] for at in range(0, len(chunk.data), BLOCK))
        return {first + index: piece for index, piece in enumerate(pieces)}

    def draw(self, item: int, value: Value, look: Look, *, expanded: bool) -> Sequence[Line]:
        """Sixteen lines."""
        data = cast(bytes, value)
        return [_row(item * BLOCK + at, data[at : at + ROW]) for at in range(0, len(data), ROW)]

    async def find(self, text: str) -> AsyncIterator[Sequence[Match]]:
        """Read everything, a stretch at a time; a match across two stretches is not found."""
        wanted = text.encode("utf-8", "replace").lower()
        for first in range(0, self.stop, _SCAN):
            blocks = await self.load(first, min(self.stop, first + _SCAN))
            joined = b"".join(cast(bytes, blocks[item]) for item in sorted(blocks)).lower()
            yield list(_places(joined, wanted, first * BLOCK))

    def copied(self, item: int, value: Value) -> tuple[str, str]:
        """The bytes in hexadecimal."""
        return cast(bytes, value).hex(" "), "256 bytes"


def _places(data: bytes, wanted: bytes, base: int) -> Iterator[Match]:
    at = data.find(wanted)
    while at >= 0:
        yield Match((base + at) // BLOCK, (base + at) % BLOCK // ROW)
        at = data.find(wanted, at + 1)


def _row(offset: int, data: bytes) -> Line:
    shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "·" for byte in data)
    return line((f"{offset:08x}  ", "muted"), (f"{data.hex(' '):<48}", "plain"), (shown, "code"))
