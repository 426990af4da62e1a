"""What a cancel is said to do."""

from __future__ import annotations

from tasktui.domain.status import Kind, Status
from tasktui.ui.ladder import kills, ladder
from tests.ui.dialogs.asking import row

QUEUED = row(1, Status.QUEUED)
SHELL = row(2)
AGENT = row(3, kind=Kind.AGENT)
STOPPING = row(4, cancel_requested_at=1)


def test_an_agent_is_asked_first() -> None:
    (rung,) = ladder([AGENT], force=False)
    assert (rung.who, rung.what) == ("agent", "asked to stop · SIGTERM after 5 s · SIGKILL after 8 s")


def test_a_process_gets_the_signal_at_once() -> None:
    (rung,) = ladder([SHELL], force=False)
    assert rung.what.startswith("SIGTERM to the whole tree now")


def test_the_second_time_kills() -> None:
    (rung,) = ladder([STOPPING], force=False)
    assert "kills" in rung.what
    assert kills([STOPPING, QUEUED], force=False)
    assert not kills([STOPPING, SHELL], force=False)


def test_tasks_that_fare_alike_share_a_line() -> None:
    rungs = ladder([SHELL, QUEUED, AGENT, SHELL, QUEUED, QUEUED], force=False)
    assert [rung.who for rung in rungs] == ["2 shell", "3 queued", "1 agent"]


def test_force_kills_what_runs_and_takes_the_rest_from_the_queue() -> None:
    rungs = ladder([SHELL, AGENT, QUEUED], force=True)
    assert [rung.who for rung in rungs] == ["2 running", "1 queued"]
    assert "SIGKILL" in rungs[0].what
    assert kills([SHELL, QUEUED], force=True)
    assert not kills([QUEUED], force=True)
