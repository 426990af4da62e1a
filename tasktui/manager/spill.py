"""Keeps large payloads out of the log: they become files, and the event names them."""

from __future__ import annotations

from hashlib import sha256

from tasktui.domain.changed import counted
from tasktui.domain.clean import summarize
from tasktui.domain.errors import TasktuiError
from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskWarning
from tasktui.domain.events.people import ApprovalRequested, InputRequested
from tasktui.domain.events.work import ArtifactAdded, MessageCompleted, ToolCompleted
from tasktui.domain.ports.artifacts import Artifacts
from tasktui.manager.limits import Limits

_HEAD_CHARS = 1_000
"""Of a message that became a file, what stays in the event."""


_OPTIONS = 8
"""Of a request that became a file, how many answers are offered."""


class Spill:
    """Decides what is too large for the log, and writes it to the task's artifacts."""

    def __init__(self, artifacts: Artifacts, limits: Limits, task_id: str) -> None:
        self._artifacts = artifacts
        self._limits = limits
        self._task_id = task_id
        self._light = min(limits.artifact_bytes, limits.inline_bytes)

    def is_heavy(self, data: Data, raw: bytes | None) -> bool:
        """Whether something of it must become a file; exact for tools, by characters for the rest."""
        if raw is not None and len(raw) < self._light:
            return False  # JSON is never shorter than the texts within
        limit = self._limits.artifact_bytes
        if isinstance(data, ToolCompleted):
            return _size(data.output) >= limit or _size(data.diff) >= limit
        size = len(raw) if raw is not None else _chars(data)
        return size >= self._limits.inline_bytes

    async def lighten(self, data: Data) -> tuple[Data, ...]:
        """Return what is to be stored instead: the files' facts, then the event that names them."""
        if isinstance(data, ToolCompleted):
            return await self._tool(data)
        if isinstance(data, MessageCompleted):
            added = await self.write("message", data.content, role="message")
            head = data.content[:_HEAD_CHARS] + "…"
            return added, data.model_copy(update={"content": head, "reasoning": None, "ref": ref_of(added)})
        if isinstance(data, (ApprovalRequested, InputRequested)):
            return await self._request(data)
        return await self._whole(data)

    async def write(self, label: str, text: str, *, role: str) -> Data:
        """Write a file; when that fails, the fact is a warning that says so."""
        content = text.encode("utf-8", "replace")
        try:
            return await self._artifacts.write(self._task_id, label, content, role=role)
        except (OSError, TasktuiError) as exc:
            return TaskWarning(
                message=f"{label}: {len(content):,} bytes could not be kept: {exc}", code="NOT_KEPT"
            )

    async def _tool(self, data: ToolCompleted) -> tuple[Data, ...]:
        limit = self._limits.artifact_bytes
        facts: list[Data] = []
        changes: dict[str, str | int | None] = {}
        name = data.name or "tool"
        if data.output is not None and _size(data.output) >= limit:
            facts.append(await self.write(name, data.output, role="tool_output"))
            changes |= {"output": summarize(data.output), "detail_ref": ref_of(facts[-1])}
        if data.diff is not None and _size(data.diff) >= limit:
            facts.append(await self.write(f"{name}-diff", data.diff, role="patch"))
            added, removed = counted(data.diff)
            changes |= {"diff": None, "patch_ref": ref_of(facts[-1]), "added": added, "removed": removed}
        return *facts, data.model_copy(update=changes)

    async def _request(self, data: ApprovalRequested | InputRequested) -> tuple[Data, ...]:
        """Keep the whole as a file and ask nevertheless: the task waits for the answer."""
        text = data.encoded().decode()
        if len(text.encode()) < self._limits.inline_bytes:
            return (data,)
        added = await self.write(data.TYPE, text, role="raw")
        words = "summary" if isinstance(data, ApprovalRequested) else "question"
        shorter: dict[str, object] = {words: _short(getattr(data, words)), "context": {"ref": ref_of(added)}}
        shorter["options"] = tuple(_short(option) for option in data.options[:_OPTIONS])
        return added, data.model_copy(update=shorter)

    async def _whole(self, data: Data) -> tuple[Data, ...]:
        text = data.encoded().decode()
        if len(text) < self._limits.inline_bytes:
            return (data,)
        added = await self.write(data.TYPE, text, role="raw")
        message = f"{data.TYPE} of {len(text):,} bytes is too large for the timeline; it is kept as a file"
        return added, TaskWarning(message=message, code="TOO_LARGE")


def ref_of(added: Data) -> str | None:
    """Return the id of the file, if it was written."""
    return added.artifact_id if isinstance(added, ArtifactAdded) else None


def _short(text: str) -> str:
    """Return the begin of a text with a digest of the whole: others that begin so are told apart."""
    if len(text) <= _HEAD_CHARS:
        return text
    digest = sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{text[:_HEAD_CHARS]}… ({len(text):,} characters, sha256 {digest})"


def _size(text: str | None) -> int:
    return 0 if text is None else len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def _chars(data: Data) -> int:
    """Return about how long its JSON is; what is nested counts by its repr."""
    total = 0
    for value in vars(data).values():
        if isinstance(value, str):
            total += len(value)
        elif isinstance(value, dict | list | tuple) and value:
            total += len(repr(value))
    return total
