"""Tasks of pueue, as `pueue status --json` prints them: of version 4, and of 2 and 3 before it.

Since version 4 the status is an object that holds its own times, `{"Done": {"enqueued_at", "start", "end",
"result"}}`; before, it was a word or `{"Done": result}`, and the times stood beside it. A result is
`"Success"`, `{"Failed": code}`, `{"FailedToSpawn": text}`, `"Killed"`, `"Errored"` or `"DependencyFailed"`.
Facts from the published types of github.com/Nukesor/pueue (`pueue_lib/src/task.rs`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from tasktui.compat.chronicle import Chronicle, Unreadable, task_id_of
from tasktui.domain.errors import InvalidError, TasktuiError
from tasktui.domain.events.lifecycle import TaskHeld
from tasktui.domain.history import History
from tasktui.domain.rows import UnixMs
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.domain.wire import time_value

ORIGIN: Final = "pueue"
_STASHED: Final = "it was stashed in pueue"
_RAN: Final = frozenset({"Running", "Paused", "Done"})
_KNOWN: Final = _RAN | {"Queued", "Stashed", "Locked"}


def looks_so(found: object) -> bool:
    """Whether a JSON value is what `pueue status --json` prints."""
    return isinstance(found, Mapping) and isinstance(found.get("tasks"), Mapping) and "groups" in found


def histories(state: Mapping[str, Any]) -> Iterator[History | Unreadable]:
    """Yield the tasks, the lowest number first, so that parents come before their children."""
    tasks = state.get("tasks")
    tasks = tasks if isinstance(tasks, Mapping) else {}
    ids = {name: _task_id(task) for name, task in tasks.items() if isinstance(task, Mapping)}
    for name in sorted(tasks, key=lambda name: (len(str(name)), str(name))):
        try:
            yield _history(tasks[name], ids)
        except (TasktuiError, ValidationError, ValueError, TypeError, KeyError, AttributeError) as exc:
            yield Unreadable(f"pueue task {name}", _why(exc))


def _history(task: Mapping[str, Any], ids: Mapping[str, str]) -> History:
    word, times = _status(task)
    if word not in _KNOWN:
        raise InvalidError(f"unknown status {word!r}")
    created = _time(task.get("created_at")) or _time(times.get("enqueued_at")) or _time(times.get("start"))
    if created is None:
        raise InvalidError("it has no times")
    told = Chronicle(_task_id(task), created, _spec(task, ids), origin=ORIGIN)
    told.link(f"pueue:{task['id']}")
    if word in _RAN:
        told.start(_time(times.get("start")), "pueue")
    if word == "Done":
        _end(told, times)
    elif word == "Stashed":
        told.tell(TaskHeld(reason=_STASHED))
    return told.history()


def _status(task: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Return the status's word, and where its times and result stand."""
    status = task["status"]
    if isinstance(status, str):
        return status, task
    (word, within), *_ = status.items()
    if word == "Done" and not (isinstance(within, Mapping) and "result" in within):
        return word, {**task, "result": within}
    return word, within if isinstance(within, Mapping) else task


def _end(told: Chronicle, times: Mapping[str, Any]) -> None:
    result = times.get("result")
    word, value = next(iter(result.items())) if isinstance(result, Mapping) else (result, None)
    at = _time(times.get("end"))
    if word == "Success":
        told.finish(Status.COMPLETED, at, exit_code=0)
    elif word == "Failed" and isinstance(value, int):
        told.finish(
            Status.FAILED, at, reason=Reason.EXIT_NONZERO, error=f"Exit code {value}", exit_code=value
        )
    elif word == "Killed":
        told.finish(Status.CANCELED, at)
    elif word == "DependencyFailed":
        told.finish(Status.FAILED, at, reason=Reason.DEPENDENCY_FAILED, error="A dependency failed.")
    elif word == "FailedToSpawn":
        told.finish(Status.FAILED, at, reason=Reason.SPAWN_FAILED, error=str(value))
    else:
        told.finish(Status.FAILED, at, reason=Reason.ERROR, error=f"pueue says {word}")


def _spec(task: Mapping[str, Any], ids: Mapping[str, str]) -> TaskSpec:
    path = str(task.get("path") or "")
    named = (ids.get(str(number)) for number in task.get("dependencies") or ())
    label = str(task.get("label") or "")[:512]
    return TaskSpec(
        work=ShellWork(command=str(task["command"])), name=label or None,
        cwd=path if path.startswith("/") else None, lane=_lane(task.get("group")),
        priority=max(-1000, min(1000, int(task.get("priority") or 0))),
        depends_on=tuple(one for one in named if one is not None),
    )  # fmt: skip


def _lane(group: object) -> str:
    return "_".join(str(group or "default").split())[:128] or "default"


def _task_id(task: Mapping[str, Any]) -> str:
    """Return the id: numbers are given again after a reset, so when and what count, too."""
    return task_id_of(ORIGIN, task.get("id"), task.get("created_at"), task.get("command"), task.get("path"))


def _time(value: object) -> UnixMs | None:
    return time_value(value) if isinstance(value, str) else None


def _why(exc: Exception) -> str:
    if isinstance(exc, ValidationError):
        return str(exc.errors()[0]["msg"])
    return exc.message if isinstance(exc, TasktuiError) else f"{type(exc).__name__}: {exc}"
