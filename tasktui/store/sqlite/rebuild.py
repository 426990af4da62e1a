"""Moves a damaged database aside and makes a new one of what the task directories say."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from tasktui.domain.events import lifecycle
from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.ids import is_task_id
from tasktui.domain.ports.store import Change, Committed
from tasktui.domain.rows import UnixMs
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.store.sqlite.connecting import DamagedError, check_version
from tasktui.store.sqlite.writer import Writer

_SMALL_BYTES: Final = 8 * 1024 * 1024
"""A file up to this size is checked whole at every opening; a larger one only after it gave an error."""
_BATCH: Final = 200
_HOLD: Final = "the database was lost and rebuilt from files: release it if it should still run"


@dataclass(frozen=True, slots=True)
class Repair:
    """What was done about a damaged database."""

    moved_to: Path
    """Where the damaged file lies now."""
    rebuilt: int
    """Tasks found again in the task directories."""
    unreadable: tuple[str, ...]
    """Task directories that could not be used."""


def marker(path: Path) -> Path:
    """Return the file that asks the next opening to check the whole database."""
    return path.with_name(f"{path.name}.damaged")


def examine(connection: sqlite3.Connection, path: Path) -> None:
    """Look for damage.

    Raises:
        DamagedError: the database cannot be trusted.
    """
    try:
        if check_version(connection) == 0:
            return
        connection.execute("SELECT epoch, head FROM state").fetchone()
        if not marker(path).exists() and path.stat().st_size > _SMALL_BYTES:
            return
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as exc:
        raise DamagedError(str(exc)) from exc
    if verdict != "ok":
        raise DamagedError(verdict)


def move_aside(path: Path) -> Path:
    """Rename the database with its log; nothing is deleted."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    target = path.with_name(f"{path.name}.corrupt-{stamp}")
    for ending in ("-wal", "-shm", ""):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(target.with_name(target.name + ending))
    marker(path).unlink(missing_ok=True)
    return target


def rebuild(writer: Writer, home: Path) -> tuple[int, tuple[str, ...]]:
    """Put the tasks of `<home>/tasks` into an empty database; return how many, and which were unreadable."""
    found: list[Change] = []
    unreadable = []
    tasks = home / "tasks"
    for directory in sorted(tasks.iterdir()) if tasks.is_dir() else ():
        change = _change(directory)
        if change is None:
            unreadable.append(directory.name)
        else:
            found.append(change)
    found.sort(key=lambda change: change.events[0].ts)
    number = 0
    for batch in _batches(found):
        answers = writer.commit(batch)
        number += sum(isinstance(answer, Committed) for answer in answers)
        unreadable += [answer.task_id for answer in answers if not isinstance(answer, Committed)]
    return number, tuple(unreadable)


def _batches(changes: Iterable[Change]) -> Iterator[list[Change]]:
    remaining = iter(changes)
    while batch := list(islice(remaining, _BATCH)):
        yield batch


def _json(path: Path) -> Mapping[str, Any] | None:
    try:
        read = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return read if isinstance(read, dict) else None


def _change(directory: Path) -> Change | None:
    record = _json(directory / "spec.json")
    if record is None or record.get("id") != directory.name or not is_task_id(directory.name):
        return None
    try:
        spec = TaskSpec.model_validate(record["spec"])
        made = lifecycle.TaskCreated(
            title=record.get("title") or spec.title, spec=spec, retry_of=record.get("retry_of"),
            in_line=True if spec.on_conflict == "queue" and not (directory / "run.json").exists() else None,
        )  # fmt: skip
        events = [NewEvent(directory.name, 0, int(record["created_at"]), made)]
    except (KeyError, TypeError, ValueError, ValidationError):
        return None
    events += _what_happened(directory, events[0].ts)
    return Change(directory.name, tuple(events), expected_seq=0)


def _what_happened(directory: Path, created_at: UnixMs) -> Iterator[NewEvent]:
    """Tell what the files of the last run prove; the owner's recovery looks further."""
    task_id = directory.name
    status, head = _json(directory / "status.json"), _json(directory / "run.json")
    seen = status or head
    if seen is None:
        yield NewEvent(task_id, 0, created_at, lifecycle.TaskHeld(reason=_HOLD))
        return
    run = _number(seen, "run") or 1
    started_at = _number(seen, "started_ms") or created_at
    yield NewEvent(task_id, run, started_at, lifecycle.TaskStarted(worker="rebuilt from files"))
    if status is not None:
        ended_at = _number(status, "ended_ms") or started_at
        yield NewEvent(task_id, run, ended_at, _finished(status))


def _number(record: Mapping[str, Any], name: str) -> int:
    value = record.get(name)
    return value if isinstance(value, int) else 0


def _finished(status: Mapping[str, Any]) -> Data:
    code = status.get("code")
    ended, reason = _verdict(status)
    return lifecycle.TaskFinished(
        status=ended, reason=reason, source="recovery",
        evidence=f"exit code {code}" if isinstance(code, int) else "status.json",
        exit_code=code if isinstance(code, int) else None, duration_ms=_number(status, "duration_ms"),
    )  # fmt: skip


def _verdict(status: Mapping[str, Any]) -> tuple[Status, Reason]:
    if status.get("failure"):
        return Status.FAILED, Reason.SPAWN_FAILED
    if status.get("stopped") == "wall":
        return Status.TIMED_OUT, Reason.WALL_TIMEOUT
    if status.get("stopped"):
        return Status.CANCELED, Reason.CANCELED
    if status.get("code") == 0:
        return Status.COMPLETED, Reason.COMPLETED
    return Status.FAILED, Reason.EXIT_NONZERO
