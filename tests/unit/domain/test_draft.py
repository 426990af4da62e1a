"""A row under change: what was found possible holds while the status stays, and no longer."""

from __future__ import annotations

import pytest

from tasktui.domain import reducer
from tasktui.domain.draft import Draft
from tasktui.domain.errors import IllegalTransitionError
from tasktui.domain.events import lifecycle, work
from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import Reason, Status

MESSAGE = work.MessageCompleted(content="well")
CALL = work.ToolStarted(call_id="1", name="bash")
END = lifecycle.TaskFinished(status=Status.COMPLETED, reason=Reason.COMPLETED)
STARTED = lifecycle.TaskStarted()


def _facts(*data: Data, ts: int = 5) -> tuple[NewEvent, ...]:
    return tuple(NewEvent("t", 1, ts, one) for one in data)


def _row() -> TaskRow:
    spec = TaskSpec(work=ShellWork(command="make"))
    (event,) = _facts(lifecycle.TaskCreated(title="make", spec=spec))
    return reducer.fold(reducer.created(event, 5), _facts(STARTED))


@pytest.mark.parametrize("late", [MESSAGE, CALL, END])
def test_an_end_closes_the_door_for_types_that_had_passed(late: Data) -> None:
    draft = Draft(_row())
    reducer.advance(draft, _facts(MESSAGE, CALL, MESSAGE, CALL, END))
    with pytest.raises(IllegalTransitionError):
        reducer.advance(draft, _facts(late))
    assert (draft.done().last_seq, draft.done().tool_calls, draft.done().status) == (7, 2, Status.COMPLETED)


def test_what_passed_before_a_way_back_is_asked_again() -> None:
    draft = Draft(_row())
    reducer.advance(draft, _facts(END))
    before = dict(draft.changes)
    reducer.advance(draft, _facts(lifecycle.TaskWarning(message="late")))
    draft.restore(before)
    assert draft.done().warnings == 0
    with pytest.raises(IllegalTransitionError):
        reducer.advance(draft, _facts(MESSAGE))


def test_a_new_start_is_not_possible_because_one_was() -> None:
    draft = Draft(_row())
    reducer.advance(
        draft, _facts(lifecycle.TaskRequeued(from_status=Status.RUNNING, policy="retry"), STARTED)
    )
    with pytest.raises(IllegalTransitionError):
        reducer.advance(draft, _facts(STARTED))


def test_many_facts_leave_what_each_alone_would() -> None:
    facts = (*_facts(MESSAGE, CALL, ts=9), *_facts(MESSAGE, lifecycle.TaskStatus(message="on"), CALL, ts=7))
    together, alone = Draft(_row()), Draft(_row())
    reducer.advance(together, facts)
    for event in facts:
        reducer.apply(alone, event)
    assert together.done() == alone.done()
    assert (together.done().updated_at, together.done().last_seq) == (9, 7)
