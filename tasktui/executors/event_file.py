"""What a task reports about itself: its file `events.jsonl`, one JSON object `{"type", "data"}` a line.

A line that is not valid becomes a warning that names it, and the next line is read as if nothing had been.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

from tasktui.domain import artifact_names
from tasktui.domain.errors import InvalidError
from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskWarning
from tasktui.domain.events.registry import REPORTABLE, parse_object
from tasktui.domain.ports.executor import RunContext

NAME: Final = "events.jsonl"
BLOCK: Final = 1 << 18
MAX_LINE: Final = 1 << 20
"""Bytes of a line; what is longer is passed over with a warning."""
MAX_WARNINGS: Final = 20
"""Warnings about lines, for each run; the end says how many more there were."""


class EventFile:
    """Reads on in the file of one run and reports what stands there."""

    def __init__(self, ctx: RunContext) -> None:
        self._ctx = ctx
        self._path = ctx.directory / NAME
        self._read = self._taken = ctx.position
        self._rest = b""
        self._line = 0
        self._bad = 0
        self._skipping = False

    async def drain(self) -> None:
        """Report every complete line that is there, at the pace the manager takes them."""
        while block := self._block():
            lines = (self._rest + block).split(b"\n")
            self._rest = lines.pop()
            for line in lines:
                self._take(line, len(line) + 1)
            self._cut_overlong()
            await self._ctx.room()

    async def finish(self) -> None:
        """Report what is left when the run has ended, a last line without its end included."""
        await self.drain()
        if self._rest.strip():
            self._take(self._rest, len(self._rest))
        if self._bad > MAX_WARNINGS:
            more = self._bad - MAX_WARNINGS
            self._warn(f"{more} more lines of the event file were not valid.")

    def _block(self) -> bytes:
        try:
            with self._path.open("rb", buffering=0) as file:
                if not os.path.isfile(file.fileno()):  # noqa: PTH113  # a descriptor: the task may have put a FIFO there
                    return b""
                block = os.pread(file.fileno(), BLOCK, self._read)
        except OSError:
            return b""
        self._read += len(block)
        return block

    def _cut_overlong(self) -> None:
        if len(self._rest) > MAX_LINE:
            self._taken += len(self._rest)
            self._rest = b""
            self._skipping = True

    def _take(self, line: bytes, length: int) -> None:
        self._line += 1
        self._taken += length
        if self._skipping:
            self._skipping = False
            self._reject(f"longer than {MAX_LINE:,} bytes")
        elif line.strip():
            try:
                self._ctx.emit(self._parse(line), position=self._taken)
            except InvalidError as exc:
                self._reject(exc.message)

    def _parse(self, line: bytes) -> Data:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError) as exc:
            raise InvalidError("not JSON") from exc
        if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
            raise InvalidError('not an object with a "type"')
        name = entry["type"]
        if name not in REPORTABLE:
            raise InvalidError(f"a task cannot report {name[:80]!r}")
        data = entry.get("data", {})
        if name == "artifact.added" and isinstance(data, dict):
            data = artifact_of(self._ctx, data)
        return parse_object(name, data)

    def _reject(self, why: str) -> None:
        self._bad += 1
        if self._bad <= MAX_WARNINGS:
            self._warn(f"Line {self._line} of the event file is not valid: {why}.")

    def _warn(self, message: str) -> None:
        self._ctx.emit(TaskWarning(message=message, code="event_file"), position=self._taken)


def artifact_of(ctx: RunContext, data: dict[str, object]) -> dict[str, object]:
    """Give a file that a task reports its place and identity; it is opened only when somebody reads it.

    Raises:
        InvalidError: it names no file.
    """
    given = data.get("path")
    if not isinstance(given, str) or not given or "\0" in given:
        raise InvalidError('artifact.added needs a "path"')
    path = os.path.normpath(Path(ctx.spec.cwd or "/") / given)
    root: str | None = str(Path(path).parent)
    below = os.fsencode(Path(path).name)
    own = ctx.artifacts
    if Path(path).is_relative_to(own):
        root = None
        below = b"artifacts/" + os.fsencode(f"{own.name}/{Path(path).relative_to(own)}")
    stored = artifact_names.stored(below)
    label = data.get("label")
    if not isinstance(label, str) or not label:
        label = artifact_names.label_of(below.rpartition(b"/")[2])
    return {
        "artifact_id": artifact_names.identity(root, stored),
        "label": label,
        "source": "task",
        "path": stored,
        "root": root,
        "role": data.get("role") or "result",
        "size": _size(path),
        "mime": artifact_names.mime_of(below),
        "summary": data.get("summary"),
    }


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except (OSError, ValueError):
        return 0
