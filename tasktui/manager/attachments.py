"""Files that go with messages and tasks: kept in the task's own directory, as its artifacts."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tasktui.domain import artifact_names as names
from tasktui.domain.attachments import DIRECTORY, LARGEST, MOST, MOST_BYTES, ROLE, numbered, safe_name
from tasktui.domain.errors import CapacityError, InvalidError, StateError, StoreError
from tasktui.domain.events.work import ArtifactAdded
from tasktui.domain.ids import is_task_id
from tasktui.domain.spec import AgentWork, TaskSpec

if TYPE_CHECKING:
    from tasktui.domain.events.base import Data
    from tasktui.manager.core import Core

RETRY_AFTER_S: Final = 3_600.0
"""What a caller is told to wait when a task has too many: it will not have fewer."""
_STEP: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


async def attach(core: Core, task_id: str, name: str, data: bytes) -> str:
    """Keep a file; see `Manager.attach`."""
    if not is_task_id(task_id):
        raise InvalidError(f"This cannot be the id of a task: {task_id!r}", id=task_id)
    if len(data) > LARGEST:
        raise InvalidError(f"An attachment has at most {LARGEST >> 20} MiB: {name!r}", name=name)
    row = await core.store.row(task_id)
    if row is not None and row.finished_at is not None:
        raise StateError(f"The task has ended: {task_id}", id=task_id)
    directory = core.directory(task_id)
    try:
        kept = await asyncio.to_thread(_keep, directory, safe_name(name), data)
    except OSError as exc:
        raise StoreError(f"The attachment cannot be written: {name!r}: {exc.strerror}") from exc
    if row is not None:
        await core.record(row, _fact(task_id, kept, len(data)), actor="user:you")
    return str(directory / DIRECTORY / kept)


def facts(directory: Path) -> list[Data]:
    """Return the facts of what was attached to a task that is being submitted; blocks."""
    return [_fact(directory.name, name, size) for name, size in _files(directory)]


async def carried(core: Core, spec: TaskSpec, old_id: str) -> tuple[TaskSpec, str]:
    """Copy the attachments of a task for the one that repeats it; return the spec with their new paths.

    Returns:
        the spec, and the id with which it is to be submitted.

    Raises:
        StoreError: they cannot be written.
    """
    new_id = core.ids.task()
    try:
        return await asyncio.to_thread(_carry, spec, core.directory(old_id), core.directory(new_id)), new_id
    except OSError as exc:
        raise StoreError(f"The attachments of {old_id} cannot be copied: {exc.strerror}") from exc


def _carry(spec: TaskSpec, old: Path, new: Path) -> TaskSpec:
    moved = {}
    for name, _ in _files(old):
        target = new / DIRECTORY / name
        new.mkdir(mode=0o700, exist_ok=True)
        target.parent.mkdir(mode=0o700, exist_ok=True)
        shutil.copyfile(old / DIRECTORY / name, target, follow_symlinks=False)
        target.chmod(0o600)
        moved[str(old / DIRECTORY / name)] = str(target)
    if not moved or not isinstance(spec.work, AgentWork):
        return spec
    paths = tuple(moved.get(path, path) for path in spec.work.attachments)
    return spec.model_copy(update={"work": spec.work.model_copy(update={"attachments": paths})})


def _keep(directory: Path, name: str, data: bytes) -> str:
    """Write a new file and return its name; one that has the name already stays."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        (directory / DIRECTORY).mkdir(mode=0o700)
    kept = dict(_files(directory))
    if len(kept) >= MOST or sum(kept.values()) + len(data) > MOST_BYTES:
        raise CapacityError(
            f"The task has too many attachments: {directory.name}", retry_after_s=RETRY_AFTER_S
        )
    place = os.open(directory / DIRECTORY, _STEP)
    try:
        for number in range(1, MOST + 2):
            with suppress(FileExistsError):
                return _write(place, numbered(name, number), data)
    finally:
        os.close(place)
    raise CapacityError(f"Too many attachments are called {name!r}", retry_after_s=RETRY_AFTER_S)


def _write(place: int, name: str, data: bytes) -> str:
    fd = os.open(name, _NEW, 0o600, dir_fd=place)
    try:
        with os.fdopen(fd, "wb") as stream:
            stream.write(data)
    except OSError:
        os.unlink(name, dir_fd=place)
        raise
    return name


def _files(directory: Path) -> Iterator[tuple[str, int]]:
    with suppress(OSError), os.scandir(directory / DIRECTORY) as found:
        for one in sorted(found, key=lambda one: one.name):
            if one.is_file(follow_symlinks=False):
                yield one.name, one.stat(follow_symlinks=False).st_size


def _fact(task_id: str, name: str, size: int) -> ArtifactAdded:
    path = names.stored(f"tasks/{task_id}/{DIRECTORY}/{name}".encode("utf-8", "surrogateescape"))
    return ArtifactAdded(
        artifact_id=names.identity(None, path), label=name, path=path, role=ROLE, source="user", size=size,
        mime=names.mime_of(name.encode("utf-8", "surrogateescape")),
    )  # fmt: skip
