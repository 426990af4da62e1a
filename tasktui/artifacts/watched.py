"""One watched directory of one task: what was reported of it, and what is to be reported next."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

from tasktui.artifacts import index
from tasktui.artifacts.globs import Wanted, wanted
from tasktui.domain import artifact_names as names
from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskWarning
from tasktui.domain.events.work import ArtifactAdded, ArtifactChanged, ArtifactRemoved
from tasktui.domain.records import Artifact
from tasktui.domain.rows import UnixMs

MAX_ARTIFACTS: Final = 10_000
"""Files of one directory that are reported; a warning says that there are more."""


OURS: Final = -1
"""Time of a file that its writer reports."""
PART: Final = b".part"
"""Ending of files that are being written."""
EVERYTHING: Final = wanted(())


class Watched:
    """A directory and the files of it that the task is known to have made."""

    def __init__(
        self,
        root: bytes,
        *,
        prefix: bytes,
        since: UnixMs,
        known: Iterable[Artifact],
        wanted: Wanted = EVERYTHING,
    ) -> None:
        self.root = root
        self.prefix = prefix
        """Path of the root below the data directory, with `/`; empty for a root elsewhere."""
        self.since = since
        self._wanted = wanted
        self._held = -1
        self._facts: list[Data] = []
        self._sizes: dict[bytes, tuple[int, int]] = {}
        self._full = False
        named = None if prefix else os.fsdecode(root)
        for artifact in known:
            path = names.original(artifact.path)
            if artifact.root == named and path.startswith(prefix):
                self._sizes[path.removeprefix(prefix)] = (artifact.size_bytes, artifact.changed_at)

    def arm(self) -> bool:
        """Take hold of the directory, so that its inode stays its own; False when it is not there."""
        self.disarm()
        follow = 0 if not self.prefix else os.O_NOFOLLOW
        try:
            self._held = os.open(self.root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC | follow)
        except OSError:
            return False
        return True

    def disarm(self) -> None:
        """Let go of the directory."""
        if self._held >= 0:
            os.close(self._held)
            self._held = -1

    @property
    def stale(self) -> bool:
        """Whether another directory, or none, stands where the held one stood."""
        try:
            now = (os.lstat if self.prefix else os.stat)(self.root)
        except OSError:
            return self._held >= 0
        return self._held < 0 or os.fstat(self._held).st_ino != now.st_ino

    def expect(self, path: bytes, size_bytes: int) -> None:
        """Know a file that is about to be written here and is reported by its writer."""
        self._sizes[path] = (size_bytes, OURS)

    def rescan(self) -> list[Data]:
        """Return everything that differs from what was reported."""
        seen = set()
        for found in index.scan(self.root):
            seen.add(found.path)
            self._report(found)
        for gone in self._sizes.keys() - seen:
            self._gone(gone)
        return self._take()

    def touched(self, path: bytes) -> list[Data]:
        """Look at one file again, of which a hint came, and return what is new."""
        found = index.look(self.root, path)
        if found is not None:
            self._report(found)
        elif path in self._sizes:
            self._gone(path)
        return self._take()

    def _take(self) -> list[Data]:
        facts, self._facts = self._facts, []
        return facts

    def _report(self, found: index.Found) -> None:
        last = self._sizes.get(found.path)
        if last is None:
            if found.changed_ms >= self.since and not found.path.endswith(PART) and self._wanted(found.path):
                self._added(found)
        elif last != (found.size_bytes, found.changed_ms):
            self._sizes[found.path] = (found.size_bytes, found.changed_ms)
            if last == (found.size_bytes, OURS):
                return
            self._facts.append(ArtifactChanged(artifact_id=self._id(found.path), size=found.size_bytes))

    def _added(self, found: index.Found) -> None:
        if len(self._sizes) >= MAX_ARTIFACTS:
            if not self._full:
                self._full = True
                shown = names.label_of(self.root)
                text = f"More than {MAX_ARTIFACTS:,} files in {shown}: the others are not listed."
                self._facts.append(TaskWarning(message=text, code="artifacts_capped"))
            return
        self._sizes[found.path] = (found.size_bytes, found.changed_ms)
        self._facts.append(
            ArtifactAdded(
                artifact_id=self._id(found.path), label=names.label_of(found.path), source="watcher",
                path=names.stored(self.prefix + found.path), role="watched", size=found.size_bytes,
                root=None if self.prefix else os.fsdecode(self.root), mime=names.mime_of(found.path),
            )
        )  # fmt: skip

    def _gone(self, path: bytes) -> None:
        if self._sizes[path][1] == OURS:
            return  # its writer is about to put it there
        del self._sizes[path]
        self._facts.append(ArtifactRemoved(artifact_id=self._id(path)))

    def _id(self, path: bytes) -> str:
        root = None if self.prefix else os.fsdecode(self.root)
        return names.identity(root, names.stored(self.prefix + path))
