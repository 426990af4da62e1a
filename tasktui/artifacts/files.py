"""Artifacts of tasks under the data directory: `artifacts/<id>/`, and the directories they watch."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tasktui.artifacts import reader
from tasktui.artifacts.globs import wanted
from tasktui.artifacts.watched import Watched
from tasktui.artifacts.watcher import Watcher
from tasktui.domain import artifact_names as names
from tasktui.domain.clean import summarize
from tasktui.domain.errors import InvalidError
from tasktui.domain.events.base import Data
from tasktui.domain.events.work import ArtifactAdded
from tasktui.domain.ids import is_task_id
from tasktui.domain.ports.clock import Clock
from tasktui.domain.records import Artifact
from tasktui.domain.requests import ArtifactChunk
from tasktui.domain.rows import UnixMs

_SUFFIX = {"patch": ".diff", "raw": ".jsonl", "log": ".log"}


class FileArtifacts:
    """The `Artifacts` port on the file system; directories 0700, files 0600."""

    def __init__(self, home: Path, clock: Clock, *, globs: Sequence[str] = ()) -> None:
        """Take the places.

        Args:
            home: the data directory.
            clock: for names.
            globs: which files of a watched directory are reported; a task's own are all.
        """
        self._home = home
        self._clock = clock
        self._wanted = wanted(globs)
        self._watcher = Watcher()
        self._writing: set[Path] = set()

    def directory(self, task_id: str) -> Path:
        """Return the task's own directory.

        Raises:
            InvalidError: the id is not one.
        """
        if not is_task_id(task_id):
            raise InvalidError(f"not a task id: {task_id!r}")
        return self._home / "artifacts" / task_id

    async def write(self, task_id: str, label: str, content: bytes, *, role: str) -> Data:
        """Write a new file and return its `artifact.added`.

        The name is `<UTC time>_<label>-<4 hex>.<ending>`: system 004's layout and a suffix, so that two of
        one millisecond do not overwrite each other.
        """
        at = datetime.fromtimestamp(self._clock.now() / 1000, UTC)
        stamp = at.strftime("%Y%m%dT%H%M%S.") + f"{at.microsecond // 1000:03d}Z"
        place = self._free(self.directory(task_id), f"{stamp}_{names.file_label(label)}", role)
        name = place.name
        own = self._watcher.own(task_id)
        if own is not None:
            own.expect(name.encode(), len(content))
        self._writing.add(place)
        try:
            await asyncio.to_thread(_write, place, content)
        finally:
            self._writing.remove(place)
        path = names.stored(f"artifacts/{task_id}/{name}".encode())
        return ArtifactAdded(
            artifact_id=names.identity(None, path), label=label, path=path, role=role, source="manager",
            size=len(content), mime=names.mime_of(name.encode()), sha256=hashlib.sha256(content).hexdigest(),
            summary=summarize(content[:4096].decode("utf-8", "replace")),
        )  # fmt: skip

    def _free(self, directory: Path, stem: str, role: str) -> Path:
        """Return where no file is and none is being written: a few digits are drawn twice now and then."""
        while True:
            place = directory / f"{stem}-{secrets.token_hex(2)}{_SUFFIX.get(role, '.txt')}"
            if place not in self._writing and not place.exists():
                return place

    async def read(self, artifact: Artifact, *, offset: int, limit: int) -> ArtifactChunk:
        """Read a stretch; see `reader.read`."""
        return await asyncio.to_thread(reader.read, self._home, artifact, offset=offset, limit=limit)

    def watch(
        self,
        task_id: str,
        roots: Sequence[Path],
        emit: Callable[[Data], None],
        *,
        since: UnixMs = 0,
        known: Sequence[Artifact] = (),
    ) -> None:
        """Begin to report files; see the port."""
        own = f"artifacts/{task_id}/".encode()
        watched = [Watched(os.fsencode(self.directory(task_id)), prefix=own, since=0, known=known)]
        watched += [
            Watched(os.fsencode(root), prefix=b"", since=since, known=known, wanted=self._wanted)
            for root in roots
        ]
        self._watcher.add(task_id, watched, emit)

    async def unwatch(self, task_id: str) -> None:
        """Look once more, report, and stop."""
        await self._watcher.remove(task_id)

    async def delete(self, task_id: str) -> None:
        """Remove the task's own directory."""
        await asyncio.to_thread(shutil.rmtree, self.directory(task_id), ignore_errors=True)

    async def close(self) -> None:
        """Stop watching."""
        await self._watcher.close()


def _write(place: Path, content: bytes) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    hidden = place.with_name(f".{place.name}.part")
    fd = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(content)
        hidden.rename(place)
    except OSError:
        hidden.unlink(missing_ok=True)
        raise
