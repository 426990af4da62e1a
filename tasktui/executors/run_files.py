"""The files of a run, read from outside: is it alive, how did it end, where do a former run's go."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from tasktui.executors.launch import AlreadyRunError, ExitRecord, SpawnFailure

if TYPE_CHECKING:
    from pathlib import Path

RUN = "run.json"
STATUS = "status.json"
OF_THE_TASK = frozenset({"spec.json", "env", RUN, STATUS})
"""What doesn't move with a former run, or moves last."""
_RECORD_FIELDS = {field.name: str(field.type) for field in fields(ExitRecord)}


@dataclass(frozen=True, slots=True)
class RunHead:
    """What the shim wrote just before it started the task."""

    id: str
    run: int
    shim: int
    mark: str


def read_head(directory: Path) -> RunHead | None:
    """Return the content of ``run.json``, None while nothing was started."""
    match _read(directory / RUN):
        case {"id": str(task_id), "run": int(run), "shim": int(shim), "mark": str(mark)}:
            return RunHead(task_id, run, shim, mark)
    return None


def read_record(directory: Path) -> ExitRecord | None:
    """Return how the run ended; an empty or garbled record counts as absent."""
    return parse_record(_read(directory / STATUS))


def parse_record(status: object) -> ExitRecord | None:
    """Check the content of a ``status.json``."""
    if not isinstance(status, dict) or not isinstance(status.get("id"), str):
        return None
    values = {name: value for name, value in status.items() if name in _RECORD_FIELDS and name != "failure"}
    if not all(_fits(_RECORD_FIELDS[name], value) for name, value in values.items()) or "run" not in values:
        return None
    return ExitRecord(**values, failure=_failure(status.get("failure")))


def _fits(kind: str, value: Any) -> bool:
    if value is None:
        return "None" in kind
    if isinstance(value, str):
        return kind == "str" or kind.startswith("StopReason")
    return isinstance(value, (int, float)) and kind.startswith(("int", "float", "bool"))


def _failure(value: object) -> SpawnFailure | None:
    match value:
        case {"kind": str(kind), "errno": int(number), "text": str(text)}:
            return SpawnFailure(kind, number, text)  # type: ignore[arg-type]  # written by our own shim
    return None


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def is_locked(directory: Path) -> bool:
    """Tell whether a shim, or an owner about to start one, holds ``run.json``."""
    try:
        fd = os.open(directory / RUN, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: two who look don't see each other
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def lock_for(directory: Path, run: int) -> int:
    """Make the directory ready for a run and return the locked ``run.json``.

    Raises:
        AlreadyRunError: the run was started before, or another still runs.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    _archive_former(directory, run)
    fd = os.open(directory / RUN, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(fd)
        raise AlreadyRunError(f"A run in {directory.name} is still going on.") from error
    if os.fstat(fd).st_size:
        os.close(fd)
        raise AlreadyRunError(f"Run {run} in {directory.name} was started before.")
    return fd


def _archive_former(directory: Path, run: int) -> None:
    """Move the files of a former run to ``run.<n>/``; safe to repeat after a crash in between."""
    former = read_head(directory) or read_record(directory)
    if former is None or former.run == run:
        return
    if is_locked(directory):
        raise AlreadyRunError(f"Run {former.run} in {directory.name} is still going on.")
    target = directory / f"run.{former.run}"
    target.mkdir(mode=0o700, exist_ok=True)
    files = [entry for entry in directory.iterdir() if not entry.is_dir() and entry.name not in OF_THE_TASK]
    for file in (*files, directory / RUN, directory / STATUS):
        _move(file, target)


def _move(file: Path, target: Path) -> None:
    try:
        file.rename(target / file.name)
    except OSError as error:
        if error.errno != errno.ENOENT:
            raise
