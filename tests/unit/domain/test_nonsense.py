"""What is no form of ours is refused by one kind of error, never by another one's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tasktui.domain import wire_answers, wire_events, wire_records
from tasktui.domain.artifact_names import label_of
from tasktui.domain.errors import InvalidError
from tasktui.domain.events.registry import parse, parse_object
from tasktui.domain.spec import PythonWork, TaskSpec
from tasktui.domain.status import TERMINAL, Reason, Status, usual_reason
from tasktui.domain.wire_records import TOOL_CALL


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
        (TOOL_CALL.record, {"status": "dancing"}, "not a ToolCall"),
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
