"""What `pueue status --json` prints, of several versions, as history."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktui.compat.chronicle import Unreadable
from tasktui.compat.pueue import histories, looks_so
from tasktui.domain.history import History, at_rest, row_of
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Reason, Status
from tasktui.domain.wire import time_text

QUEUED = "2025-05-01T10:00:00.123456789+02:00"
START, END = "2025-05-01T10:00:01+02:00", "2025-05-01T10:00:05.5+02:00"


def task(number: int, status: object, **fields: Any) -> dict[str, Any]:
    return {
        "id": number, "created_at": QUEUED, "original_command": "make", "command": "make test",
        "path": "/src", "envs": {"SECRET": "x"}, "group": "gpu box", "dependencies": [],
        "priority": 3, "label": None,
        "status": status, **fields,
    }  # fmt: skip


def done(result: object) -> dict[str, Any]:
    return {"Done": {"enqueued_at": QUEUED, "start": START, "end": END, "result": result}}


def told(*tasks: dict[str, Any]) -> list[History | Unreadable]:
    return list(histories({"tasks": {str(one.get("id")): one for one in tasks}, "groups": {}}))


def one(given: dict[str, Any]) -> TaskRow:
    (found,) = told(given)
    assert isinstance(found, History), found
    return row_of(at_rest(found))


@pytest.mark.parametrize(
    ("result", "status", "reason", "code"),
    [
        ("Success", Status.COMPLETED, Reason.COMPLETED, 0),
        ({"Failed": 3}, Status.FAILED, Reason.EXIT_NONZERO, 3),
        ({"FailedToSpawn": "no such file"}, Status.FAILED, Reason.SPAWN_FAILED, None),
        ("Killed", Status.CANCELED, Reason.CANCELED, None),
        ("Errored", Status.FAILED, Reason.ERROR, None),
        ("DependencyFailed", Status.FAILED, Reason.DEPENDENCY_FAILED, None),
    ],
)
def test_how_a_task_ended(result: object, status: Status, reason: Reason, code: int | None) -> None:
    row = one(task(4, done(result)))
    assert (row.status, row.terminal_reason, row.exit_code) == (status, reason, code)
    assert (row.duration_ms, row.lane, row.priority) == (4_500, "gpu_box", 3)
    assert (time_text(row.created_at), row.external_id) == ("2025-05-01T08:00:00.123Z", "pueue:4")


@pytest.mark.parametrize(
    "status",
    [
        {"Queued": {"enqueued_at": QUEUED}}, {"Stashed": {"enqueue_at": END}}, "Queued",
        {"Stashed": {"enqueue_at": None}},
    ],
    ids=["4", "4 stashed for a time", "3", "4 stashed"],
)  # fmt: skip
def test_what_waited_is_held(status: object) -> None:
    row = one(task(1, status))
    assert (row.status, row.held, row.held_until) == (Status.QUEUED, True, None)


@pytest.mark.parametrize(
    "status", [{"Running": {"enqueued_at": QUEUED, "start": START}}, "Running", "Paused"]
)
def test_what_ran_is_interrupted(status: object) -> None:
    row = one(task(1, status, start=START))
    assert (row.status, row.started_at) == (Status.INTERRUPTED, row.created_at + 877)


def test_times_beside_the_status_are_of_older_versions() -> None:
    row = one(task(1, {"Done": {"Failed": 2}}, start=START, end=END))
    assert (row.status, row.exit_code, row.duration_ms) == (Status.FAILED, 2, 4_500)


def test_parents_come_first_and_are_named() -> None:
    first, second = told(task(10, "Queued", dependencies=[9]), task(9, done("Success")))
    assert isinstance(first, History)
    assert isinstance(second, History)
    assert second.created.spec.depends_on == (first.task_id,)


def test_the_same_task_has_the_same_id_and_a_new_one_of_its_number_another() -> None:
    ids = [
        found.task_id
        for status in ("Queued", done("Success"))
        for at in (QUEUED, START)
        for found in told(task(1, status, created_at=at))
        if isinstance(found, History)
    ]
    assert ids[:2] == ids[2:]
    assert len(set(ids)) == 2


def test_secrets_do_not_come_along() -> None:
    (found,) = told(task(1, "Queued"))
    assert isinstance(found, History)
    assert all(b"SECRET" not in event.encoded() for event in found.events)


def test_a_task_that_cannot_be_read_is_told_and_the_others_are_read() -> None:
    found = told(task(1, "Dreaming"), task(2, done("Success")), task(3, None), {"id": 4})
    assert [isinstance(item, Unreadable) for item in found] == [True, False, True, True]
    assert found[0] == Unreadable("pueue task 1", "unknown status 'Dreaming'")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(sorted(task(1, 1))), _JSON, max_size=5), _JSON)
def test_anything_is_read_or_told(changes: dict[str, Any], rest: object) -> None:
    looks_so(rest)
    for found in histories({"tasks": {"1": task(1, done("Success")) | changes, "2": rest}}):
        if isinstance(found, History):
            row_of(at_rest(found))
