"""The table of ends: what the executor says, and who asked it to stop."""

from __future__ import annotations

import pytest

from tasktui.domain.ports.executor import Outcome
from tasktui.domain.status import Reason, Status
from tasktui.manager.outcomes import abandoned, crashed, verdict
from tasktui.manager.stop import Stop, Why

COMPLETED = Outcome(Status.COMPLETED, Reason.COMPLETED, result="text")
EXITED = Outcome(Status.FAILED, Reason.EXIT_NONZERO, exit_code=1)
WALL = Outcome(Status.TIMED_OUT, Reason.WALL_TIMEOUT)
LOST = Outcome(Status.LOST, Reason.SHIM_LOST)
FORCED = Outcome(Status.CANCELED, Reason.CANCEL_FORCED)


@pytest.mark.parametrize(
    ("outcome", "why", "status", "reason"),
    [
        (COMPLETED, "", Status.COMPLETED, Reason.COMPLETED),
        (COMPLETED, "user", Status.CANCELED, Reason.CANCELED_AFTER_COMPLETION),
        (COMPLETED, "wall", Status.TIMED_OUT, Reason.WALL_TIMEOUT),
        (COMPLETED, "shutdown", Status.COMPLETED, Reason.COMPLETED),
        (EXITED, "", Status.FAILED, Reason.EXIT_NONZERO),
        (EXITED, "user", Status.CANCELED, Reason.CANCELED),
        (EXITED, "idle", Status.TIMED_OUT, Reason.IDLE_TIMEOUT),
        (EXITED, "shutdown", Status.INTERRUPTED, Reason.SHUTDOWN),
        (FORCED, "user", Status.CANCELED, Reason.CANCEL_FORCED),
        (FORCED, "wall", Status.TIMED_OUT, Reason.WALL_TIMEOUT),
        (WALL, "user", Status.TIMED_OUT, Reason.WALL_TIMEOUT),
        (LOST, "", Status.LOST, Reason.SHIM_LOST),
        (LOST, "user", Status.LOST, Reason.SHIM_LOST),
        (LOST, "shutdown", Status.LOST, Reason.SHIM_LOST),
        (Outcome(Status.QUEUED, Reason.COMPLETED), "", Status.FAILED, Reason.BAD_RESULT),
        (Outcome(Status.RUNNING, Reason.COMPLETED), "user", Status.FAILED, Reason.BAD_RESULT),
        (abandoned(), "user", Status.CANCELED, Reason.CANCEL_FORCED),
        (abandoned(), "idle", Status.TIMED_OUT, Reason.IDLE_TIMEOUT),
        (crashed(ValueError()), "", Status.FAILED, Reason.EXECUTOR_CRASH),
    ],
)
@pytest.mark.feature(45, 47)
def test_how_a_run_ended(outcome: Outcome, why: Why, status: Status, reason: Reason) -> None:
    stop = Stop()
    if why:
        assert stop.ask(why)
        assert not stop.ask("user")
    final = verdict(outcome, stop)
    assert (final.status, final.reason) == (status, reason)
    assert final.result == outcome.result


def test_failed_segments_show_only_where_the_task_completed() -> None:
    assert verdict(COMPLETED, Stop(), segments_failed=1).reason is Reason.COMPLETED_WITH_ERRORS
    assert verdict(EXITED, Stop(), segments_failed=1).reason is Reason.EXIT_NONZERO


def test_a_crash_says_what_was_raised() -> None:
    assert crashed(ValueError("x")).error == "ValueError: x"
    assert crashed(ValueError()).error == "ValueError"
