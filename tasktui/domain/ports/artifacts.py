"""The port of the files that belong to tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from tasktui.domain.events.base import Data
from tasktui.domain.records import Artifact
from tasktui.domain.requests import ArtifactChunk
from tasktui.domain.rows import UnixMs


class Artifacts(Protocol):
    """Files of tasks: written under the data directory, watched, read safely."""

    async def write(self, task_id: str, label: str, content: bytes, *, role: str) -> Data:
        """Write a new file and return its `artifact.added`."""
        ...

    async def read(self, artifact: Artifact, *, offset: int, limit: int) -> ArtifactChunk:
        """Read a stretch.

        Raises:
            RefusedError: not a regular file inside its root.
            NotFoundError: it is gone.
        """
        ...

    def watch(
        self,
        task_id: str,
        roots: Sequence[Path],
        emit: Callable[[Data], None],
        *,
        since: UnixMs = 0,
        known: Sequence[Artifact] = (),
    ) -> None:
        """Begin to report files that appear, change or go in the task's own directory and below `roots`.

        Args:
            task_id: whose files they are.
            roots: directories besides the task's own; they need not be there yet.
            emit: takes `artifact.added`, `.changed`, `.removed` and warnings, on the loop of the caller.
            since: files in `roots` that were last changed before this instant are none of the task's.
            known: artifacts that an earlier owner reported already.
        """
        ...

    async def unwatch(self, task_id: str) -> None:
        """Look once more, report, and stop."""
        ...

    async def delete(self, task_id: str) -> None:
        """Remove the task's own artifact directory."""
        ...
