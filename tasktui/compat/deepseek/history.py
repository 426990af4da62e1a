"""System 004's records as history, and its data directory: `tasks/*.json` and `queue.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from tasktui.compat.chronicle import Chronicle, Unreadable, task_id_of
from tasktui.compat.deepseek.events import evidence
from tasktui.compat.deepseek.records import TaskRecord, TaskToolCallSummary
from tasktui.domain.artifact_names import identity, mime_of
from tasktui.domain.errors import InvalidError, TasktuiError
from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskError, TaskLinked, TaskStatus
from tasktui.domain.events.work import (
    ArtifactAdded,
    MessageCompleted,
    RuntimeEvent,
    ToolCompleted,
    ToolStarted,
)
from tasktui.domain.history import History
from tasktui.domain.ids import is_task_id
from tasktui.domain.rows import UnixMs
from tasktui.domain.spec import AgentWork, Permissions, TaskSpec
from tasktui.domain.status import Reason, Status

ORIGIN: Final = "deepseek"
LANE: Final = "deepseek"
RECORD: Final = "deepseek_record"
"""Where a task's metadata holds the record as which it came in."""
QUEUE: Final = "queue.json"
_LARGEST: Final = 64 << 20
"""Bytes of a record's file; a larger one is not read."""
_LATER: Final = float("inf")
_ENDS: Final = {"completed": Status.COMPLETED, "failed": Status.FAILED, "canceled": Status.CANCELED}
_TOLD: Final = {"status", "message", "error"}
"""Kinds of the timeline that become facts of ours; the others stand in the record's other parts."""


def record_of(given: TaskRecord | Mapping[str, Any] | str | bytes) -> TaskRecord:
    """Read a record.

    Raises:
        InvalidError: it is none, or one of a newer version.
    """
    try:
        if isinstance(given, str | bytes):
            return TaskRecord.model_validate_json(given)
        return TaskRecord.model_validate(given)
    except ValidationError as exc:
        raise InvalidError(f"This is no task record: {exc.errors()[0]['msg']}") from exc


def history(record: TaskRecord) -> History:
    """Return a record as history; the record itself stays in the task's metadata.

    Raises:
        InvalidError: no task can be made of it.
    """
    try:
        return _history(record)
    except ValidationError as exc:
        raise InvalidError(f"This is no task record: {exc.errors()[0]['msg']}", id=record.id) from exc


def _history(record: TaskRecord) -> History:
    told = Chronicle(task_id(record), _at(record.created_at) or 0, spec_of(record), origin=ORIGIN)
    if task_id(record) != record.id:
        told.link(f"{ORIGIN}:{record.id}")
    if record.status == "queued":
        return told.history()
    if record.started_at is not None or record.status in {"running", "completed"}:
        told.start(_at(record.started_at), ORIGIN)
        if record.thread_id or record.turn_id:
            told.tell(TaskLinked(thread_id=record.thread_id, turn_id=record.turn_id))
        for at, fact in sorted(_facts(record), key=lambda pair: pair[0]):
            told.tell(fact, None if at is _LATER else int(at))
        if record.runtime_event_count > 0:
            told.last(RuntimeEvent(count=record.runtime_event_count))
    if record.status != "running":
        _end(told, record)
    return told.history()


def task_id(record: TaskRecord) -> str:
    """Return the record's own id where a task may have it."""
    return record.id if is_task_id(record.id) else task_id_of(ORIGIN, record.id)


def spec_of(record: TaskRecord) -> TaskSpec:
    """Return what was asked for."""
    return TaskSpec(
        work=AgentWork(preset=ORIGIN, prompt=record.prompt, model=record.model or None, mode=record.mode),
        name=next(iter(record.prompt.strip().splitlines()), "")[:512] or None, lane=LANE,
        cwd=record.workspace if record.workspace.startswith("/") else None,
        permissions=Permissions(
            allow_shell=record.allow_shell, trust_mode=record.trust_mode, auto_approve=record.auto_approve
        ),
        metadata={RECORD: record.model_dump(mode="json", exclude_none=True)},
    )  # fmt: skip


def directory(path: Path) -> Iterator[TaskRecord | Unreadable]:
    """Yield the records of a data directory, those of its queue in their order, then the others by age.

    A file that cannot be read is told, and the others are read.
    """
    tasks = path / "tasks" if (path / "tasks").is_dir() else path
    queue = _queue(path / QUEUE)
    places = {name: place for place, name in enumerate(queue)}
    files = sorted(tasks.glob("*.json"), key=lambda file: (places.get(file.stem, -1), file.name))
    for file in files:
        if file.name == QUEUE:
            continue
        try:
            if file.stat().st_size > _LARGEST:
                raise InvalidError("it is larger than a record can be")
            yield record_of(file.read_bytes())
        except (OSError, TasktuiError) as exc:
            yield Unreadable(file.name, str(exc))


def _queue(file: Path) -> list[str]:
    """Return the ids of the queue; a file that is not there or garbled says nothing."""
    with suppress(OSError, ValueError, RecursionError):
        found = json.loads(file.read_bytes())
        queue = found.get("queue") if isinstance(found, dict) else None
        return [one for one in queue if isinstance(one, str)] if isinstance(queue, list) else []
    return []


def _facts(record: TaskRecord) -> Iterator[tuple[float, Data]]:
    """Yield what happened with when it did; what has no time comes last."""
    for call in record.tool_calls:
        yield (
            _at(call.started_at) or 0,
            ToolStarted(call_id=call.id, name=call.name, input=call.input_summary),
        )
        if call.status != "running":
            yield _at(call.ended_at) or _LATER, _completed(call)
    for entry in record.timeline:
        if entry.kind in _TOLD:
            yield _at(entry.timestamp) or 0, _said(entry.kind, entry.summary)
    for one in record.artifacts:
        yield _at(one.created_at) or _LATER, _file(one.path, one.label, one.summary)
    for path in _paths(record):
        yield _LATER, _file(path, path.rpartition("/")[2], "")
    for fact in _evidence(record):
        yield _LATER, fact


def _completed(call: TaskToolCallSummary) -> Data:
    return ToolCompleted(
        call_id=call.id, ok=call.status == "success", canceled=call.status == "canceled",
        output=call.output_summary, duration_ms=call.duration_ms,
        detail_ref=identity(None, call.detail_path) if call.detail_path else None,
        patch_ref=identity(None, call.patch_ref) if call.patch_ref else None,
    )  # fmt: skip


def _said(kind: str, summary: str) -> Data:
    if kind == "status":
        return TaskStatus(message=summary)
    return TaskError(message=summary) if kind == "error" else MessageCompleted(content=summary)


def _paths(record: TaskRecord) -> list[str]:
    """Return files that only a call or the result names."""
    listed = {one.path for one in record.artifacts}
    named = [path for call in record.tool_calls for path in (call.detail_path, call.patch_ref)]
    return [
        path for path in dict.fromkeys([*named, record.result_detail_path]) if path and path not in listed
    ]


def _file(path: str, label: str, summary: str) -> Data:
    return ArtifactAdded(
        artifact_id=identity(None, path), label=label, path=path, role="tool_output",
        mime=mime_of(path.encode()), summary=summary or None,
    )  # fmt: skip


def _evidence(record: TaskRecord) -> Iterator[Data]:
    known = record.model_dump(exclude={"checklist": {"updated_at"}}, mode="json")
    if record.checklist.items:
        yield from evidence({"checklist": known["checklist"]})
    for name, many in (("gate", "gates"), ("attempt", "attempts"), ("github_event", "github_events")):
        for one in known[many]:
            one.pop("recorded_at", None)
            yield from evidence({name: one})


def _end(told: Chronicle, record: TaskRecord) -> None:
    status = _ENDS.get(record.status)
    if status is None:
        raise InvalidError(f"unknown status {record.status!r}: {record.id}")
    reason = record.terminal_reason
    known = Reason(reason) if reason in set(Reason) else None
    told.finish(status, _at(record.ended_at), reason=known, result=record.result_summary, error=record.error)


def _at(moment: datetime | None) -> UnixMs | None:
    return None if moment is None else round(moment.timestamp() * 1000)
