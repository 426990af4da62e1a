"""Puts files of tasks that are being imported into the tasks' own directories, through no link."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tasktui.cli.bundle import PLACES, PRIVATE
from tasktui.domain.artifact_names import original
from tasktui.domain.errors import InvalidError, StoreError
from tasktui.domain.ids import is_task_id

_HEAD: Final = 2
"""Parts of a path before the file's own: the place and the task."""
_STEP: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file that belongs to a task."""

    task_id: str
    path: str
    """Relative to the data directory, as artifacts have it."""
    offset: int
    data: bytes


class Unpacker:
    """Writes files of tasks that are not there yet; those of the others stay as they are."""

    def __init__(self, home: Path, is_known: Callable[[str], bool]) -> None:
        """Take the data directory, and what knows whether there is such a task."""
        self._home = home
        self._is_known = is_known
        self._fresh: dict[str, bool] = {}

    def put(self, piece: Piece) -> None:
        """Write a piece.

        Raises:
            InvalidError: it would lie elsewhere than in the task's own directories.
            StoreError: it cannot be written.
        """
        parts = _parts(piece)
        if piece.task_id not in self._fresh:
            self._fresh[piece.task_id] = not self._is_known(piece.task_id)
        if not self._fresh[piece.task_id]:
            return
        try:
            self._write(parts, piece)
        except OSError as exc:
            raise StoreError(f"This file cannot be written: {piece.path}: {exc.strerror}") from exc

    def forget(self, task_id: str, *, keep: bool) -> None:
        """Be done with a task; unless it is kept, what was written for it is deleted."""
        if self._fresh.pop(task_id, False) and not keep:
            for place in PLACES:
                shutil.rmtree(self._home / place / task_id, ignore_errors=True)

    def _write(self, parts: list[bytes], piece: Piece) -> None:
        at = os.open(self._home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in parts[:-1]:
                with suppress(FileExistsError):
                    os.mkdir(part, 0o700, dir_fd=at)
                step = os.open(part, _STEP, dir_fd=at)
                os.close(at)
                at = step
            flags = _FILE if piece.offset else _FILE | os.O_TRUNC
            file = os.open(parts[-1], flags, 0o600, dir_fd=at)
        finally:
            os.close(at)
        with os.fdopen(file, "wb", buffering=0) as stream:
            stream.seek(piece.offset)
            rest = memoryview(piece.data)
            while rest:
                rest = rest[stream.write(rest) :]


def _parts(piece: Piece) -> list[bytes]:
    path = original(piece.path)
    parts = path.split(b"/")
    head = [part.decode("utf-8", "replace") for part in parts[:_HEAD]]
    wrong = (
        b"\0" in path
        or len(parts) <= _HEAD
        or any(part in {b"", b".", b".."} for part in parts)
        or parts[-1] in PRIVATE
        or piece.offset < 0
    )
    if wrong or head[0] not in PLACES or head[1] != piece.task_id or not is_task_id(piece.task_id):
        raise InvalidError(f"Not a file of {piece.task_id}: {piece.path!r}", id=piece.task_id)
    return parts
