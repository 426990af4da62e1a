"""Output and artifacts of scripted tasks, kept in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tasktui.domain.artifact_names import identity, mime_of
from tasktui.domain.clean import summarize
from tasktui.domain.errors import NotFoundError
from tasktui.domain.events.base import Data
from tasktui.domain.events.work import ArtifactAdded
from tasktui.domain.records import Artifact
from tasktui.domain.requests import ArtifactChunk, OutputChunk
from tasktui.domain.rows import UnixMs


@dataclass(slots=True)
class _Written:
    data: bytearray = field(default_factory=bytearray)
    marks: list[tuple[int, int, UnixMs]] = field(default_factory=list)


class ScriptedOutputs:
    """The `Outputs` of scripted runs."""

    def __init__(self) -> None:
        self._runs: dict[tuple[Path, int], _Written] = {}

    def write(self, directory: Path, run: int, data: bytes, *, stream: int = 1, at: UnixMs = 0) -> None:
        """Append to a run's output."""
        written = self._runs.setdefault((directory, run), _Written())
        if not written.marks or written.marks[-1][1] != stream:
            written.marks.append((len(written.data), stream, at))
        written.data += data

    def read(self, directory: Path, *, run: int, offset: int, limit: int) -> OutputChunk:
        """Return a stretch; a negative offset counts from the end."""
        written = self._runs.get((directory, run)) or _Written()
        size = len(written.data)
        start = max(0, size + offset) if offset < 0 else min(offset, size)
        data = bytes(written.data[start : start + limit])
        end = start + len(data)
        before = [mark for mark in written.marks if mark[0] <= start][-1:]
        within = [mark for mark in written.marks if start < mark[0] < end]
        marks = [(max(start, place), stream, at) for place, stream, at in (*before, *within)]
        return OutputChunk(start, data, end, size, marks=tuple(marks) if data else ())

    def ends(self, directory: Path, *, run: int, limit: int) -> tuple[bytes, bytes]:
        """Return at most the first and the last `limit` bytes; the last are those that the first lack."""
        data = bytes((self._runs.get((directory, run)) or _Written()).data)
        return data[:limit], data[max(limit, len(data) - limit) :]


class MemoryArtifacts:
    """The `Artifacts` port without a disk: nothing to watch, and files that are bytes."""

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], bytes] = {}
        """Contents by task and artifact id."""
        self.watched: dict[str, Callable[[Data], None]] = {}
        """Where to report what appears for a task."""
        self._written = 0

    async def write(self, task_id: str, label: str, content: bytes, *, role: str) -> Data:
        """Keep a new file and return its `artifact.added`."""
        self._written += 1
        path = f"artifacts/{task_id}/{self._written:04}_{label}.txt"
        added = ArtifactAdded(
            artifact_id=identity(None, path), label=label, path=path, role=role, source="manager",
            size=len(content), mime=mime_of(path.encode()), sha256=hashlib.sha256(content).hexdigest(),
            summary=summarize(content[:4096].decode("utf-8", "replace")),
        )  # fmt: skip
        self.files[task_id, added.artifact_id] = content
        return added

    async def read(self, artifact: Artifact, *, offset: int, limit: int) -> ArtifactChunk:
        """Read a stretch."""
        content = self.files.get((artifact.task_id, artifact.artifact_id))
        if content is None:
            raise NotFoundError(f"The file is gone: {artifact.path}", path=artifact.path)
        start = max(0, len(content) + offset) if offset < 0 else offset
        return ArtifactChunk(artifact, start, content[start : start + limit], len(content))

    def watch(
        self,
        task_id: str,
        roots: Sequence[Path],  # noqa: ARG002  # the port's signature
        emit: Callable[[Data], None],
        *,
        since: UnixMs = 0,  # noqa: ARG002  # the port's signature
        known: Sequence[Artifact] = (),  # noqa: ARG002  # the port's signature
    ) -> None:
        """Note whom to tell."""
        self.watched[task_id] = emit

    async def unwatch(self, task_id: str) -> None:
        """Forget whom to tell."""
        self.watched.pop(task_id, None)

    async def delete(self, task_id: str) -> None:
        """Drop the task's files."""
        for key in [key for key in self.files if key[0] == task_id]:
            del self.files[key]
