"""What is no form of ours is refused by one kind of error, never by another one's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tasktui.domain import wire_answers, wire_events, wire_records
from tasktui.domain.artifact_names import label_of
from tasktui.domain.errors import InvalidError
from tasktui.domain.events.registry import parse, parse_object
from tasktui.domain.facts import Facts
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import PythonWork, TaskSpec
from tasktui.domain.status import TERMINAL, Kind, Reason, Status, usual_reason
from tasktui.domain.wire import task_from_object, task_object
from tasktui.domain.wire_records import ARTIFACT, TOOL_CALL

CALL = {"task_id": "t", "call_id": "c", "number": 1, "name": "read", "status": "running"}
CHUNK = {"offset": 0, "next_offset": 1, "size": 1, "data": "x"}
STATS = {"counts": {"by_status": {}}, "lanes": [], "events": 0, "database_bytes": 0, "uptime_s": 1}
STATS |= {"subscribers": 0, "gaps": 0, "late_events": 0}


@pytest.mark.parametrize(
    ("read", "made"),
    [
        (wire_answers.changes_from_object, {"removed": [{}]}),
        (wire_answers.changes_from_object, {"live": [["m", 3]]}),
        (wire_answers.changes_from_object, {"written": [[{}, "text"]]}),
        (wire_answers.changes_from_object, {"degraded": 3}),
        (wire_answers.output_from_object, CHUNK | {"size": "large"}),
        (wire_answers.output_from_object, CHUNK | {"dropped": [["0", 1]]}),
        (wire_answers.output_from_object, CHUNK | {"marks": [[0, "out", "2026-01-01"]]}),
        (wire_answers.stats_from_object, STATS | {"uptime_s": "long"}),
        (wire_answers.stats_from_object, STATS | {"degraded": 3}),
        (wire_answers.cancel_from_object, {"disposition": 3, "task": {}}),
        (wire_answers.output_from_object, CHUNK | {"size": 1 << 63}),
        (wire_answers.output_from_object, CHUNK | {"size": True}),
        (wire_answers.stats_from_object, STATS | {"uptime_s": float("inf")}),
    ],
)
def test_what_a_screen_counts_on_is_of_its_type(read: Callable[[Any], object], made: object) -> None:
    with pytest.raises(TypeError):
        read(made)


def test_what_is_of_its_type_is_taken() -> None:
    assert TOOL_CALL.record(CALL | {"added": 3}).added == 3
    assert wire_answers.output_from_object(CHUNK | {"dropped": [[0, 1]]}).dropped == ((0, 1),)
    assert wire_answers.stats_from_object(STATS | {"degraded": None}).uptime_s == 1


@pytest.mark.parametrize(
    ("read", "made", "said"),
    [
        (wire_events.event_from_line, b'{"v":1}', "it has no data"),
        (wire_events.event_from_line, b'{"gid":1,"data":{}}', "not an event"),
        (wire_events.event_from_line, b'{"task_id":"t","data":{}}', "not an event"),
        (wire_events.event_from_line, b'{"gid":1,"seq":1,"data":{}}', "not an event"),
        (wire_records.counts_from_object, {}, "not counts"),
        (wire_records.counts_from_object, {"by_status": {"purple": 1}}, "not counts"),
        (lambda made: wire_records.page_from_object(made, dict), {}, "not a page"),
        (lambda made: wire_records.page_from_object(made, dict), {"items": 3, "more": False}, "not a page"),
        (wire_answers.spec_from_object, {"work": {"kind": "dance"}}, "not a task's spec"),
        (lambda made: parse("no.such", made), b"{}", "no.such"),
        (lambda made: parse_object("no.such", made), {}, "no.such"),
        (lambda made: parse_object("task.status", made), {"message": []}, "task.status"),
        (wire_events.event_from_line, b'{"task_id":3,"run":1,"ts":"2026-01-01","data":{}}', "not an event"),
        (TOOL_CALL.record, {"status": "dancing"}, "not a ToolCall"),
        (TOOL_CALL.record, CALL | {"name": 3}, "name is int$"),
        (TOOL_CALL.record, CALL | {"number": 1 << 63}, "number is int out of range"),
        (TOOL_CALL.record, CALL | {"added": "many"}, "added is str"),
        (ARTIFACT.record, {"label": []}, "label is list"),
        (wire_records.counts_from_object, {"by_status": {"queued": "many"}}, "not counts"),
        (wire_records.counts_from_object, {"by_status": {}, "held": "all"}, "not counts"),
    ],
)
def test_nonsense_is_refused(read: Callable[[Any], object], made: object, said: str) -> None:
    with pytest.raises(InvalidError, match=said):
        read(made)


def test_only_programs_work_in_a_worktree() -> None:
    with pytest.raises(ValueError, match="in a worktree"):
        TaskSpec.model_validate({"work": PythonWork(function="a:b"), "worktree": True})


def test_a_path_is_read_by_a_person() -> None:
    assert label_of("größer".encode() + b"\xff") == "größer�"


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_every_end_has_a_usual_reason(status: Status) -> None:
    expected = {Status.COMPLETED: Reason.COMPLETED, Status.FAILED: Reason.ERROR}
    assert usual_reason(status) is expected.get(status, usual_reason(status))
    assert usual_reason(status) in set(Reason)


@pytest.mark.parametrize(
    "told",
    [
        {"progress": {"current": 10**400}},
        {"progress": {"percentage": -(10**400)}},
        {"usage": {"input_tokens": 1 << 63}},
        {"usage": {"cost_usd": float("nan")}},
        {"counters": {"checks_total": "x"}},
        {"held": 1},
    ],
)
def test_a_row_that_could_not_be_drawn_is_refused(told: dict[str, Any]) -> None:
    row = task_object(TaskRow("t", 1, Kind.SHELL, "t", "default", Status.RUNNING, 1, 1, 1))
    assert task_from_object(row).id == "t"
    for name, value in told.items():
        row[name] = {**(row[name] or {}), **value} if isinstance(value, dict) else value
    with pytest.raises(InvalidError, match="not a task"):
        task_from_object(row)


@pytest.mark.parametrize("number", [10**400, 1e300, float("inf"), float("nan"), True, "3"])
def test_a_number_that_cannot_be_counted_with_reads_as_none(number: object) -> None:
    assert Facts.of({"n": number}).number("n") is None
