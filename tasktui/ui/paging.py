"""Shows what a task wrote in the person's own pager or editor."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from tasktui.descriptors import lowered

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.records import Artifact

MOST: Final = 64 * 1024 * 1024
"""Bytes that are fetched; of a longer file the end is shown."""
_PIECE: Final = 1024 * 1024
_USUAL: Final = "less"


def program(environ: Mapping[str, str]) -> list[str]:
    """Return the person's pager, else the editor, else `less`, as arguments.

    Raises:
        ValueError: a quotation mark in the variable is not closed.
    """
    named = environ.get("PAGER", "").strip() or environ.get("EDITOR", "").strip()
    return shlex.split(named) or [_USUAL]


async def fetched(manager: Manager, task_id: str, artifact: Artifact | None) -> tuple[str, bytes]:
    """Return a name and the bytes of an artifact, or of the newest run's output; of more than `MOST` the end.

    Raises:
        TasktuiError: it cannot be read.
    """
    size = await _size(manager, task_id, artifact)
    at, pieces = max(0, size - MOST), list[bytes]()
    while at < size:
        if artifact is not None:
            data = (await manager.read_artifact(task_id, artifact.artifact_id, offset=at, limit=_PIECE)).data
            at += len(data)
        else:
            chunk = await manager.output(task_id, offset=at, limit=_PIECE)
            data, at = chunk.data, max(chunk.next_offset, at)
        if not data:
            break
        pieces.append(data)
    name = PurePath(artifact.path).name if artifact is not None else f"{task_id}.log"
    return name, b"".join(pieces)


async def _size(manager: Manager, task_id: str, artifact: Artifact | None) -> int:
    if artifact is None:
        return (await manager.output(task_id, offset=0, limit=1)).size
    return (await manager.read_artifact(task_id, artifact.artifact_id, offset=0, limit=1)).size


def show_in(arguments: list[str], path: Path) -> str | None:
    """Run a program on a file until it ends; return what went wrong, in words for a person."""
    try:
        ended = subprocess.run(  # noqa: S603 the person's own program
            lowered([*arguments, os.fspath(path)]), check=False
        )
    except OSError as error:
        return f"{arguments[0]} does not start: {error.strerror or error}"
    return f"{arguments[0]} ended with {ended.returncode}" if ended.returncode else None
