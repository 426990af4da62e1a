"""Machines as a person names them, and rows that know theirs."""

from __future__ import annotations

import pytest

from tasktui.domain.errors import ConfigError
from tasktui.domain.hosted import hosted, lane_at, located, summed
from tasktui.domain.hosts import THIS, Host, host_of, hosts_of
from tasktui.domain.query import TaskQuery, Term
from tasktui.domain.requests import CancelResult
from tasktui.domain.rows import Counts, Page, TaskRow
from tasktui.domain.selection import matches, order_of
from tasktui.domain.status import Kind, Status

ROW = TaskRow("task_1", 7, Kind.SHELL, "build", "gpu", Status.RUNNING, 50, 60, 60, agent_id="runner")


def test_machines_are_read_and_written() -> None:
    gpu = Host("gpu", "me@10.0.0.5")
    assert host_of(gpu) is gpu
    assert [str(host) for host in (gpu, Host("box", "box"), THIS)] == ["gpu=me@10.0.0.5", "box", "local"]
    assert host_of("ssh://me@box:22") == Host("me@box:22", "ssh://me@box:22")
    assert (THIS.is_local, gpu.is_local) == (True, False)
    assert hosts_of([]) == ()
    with pytest.raises(ConfigError, match="letters that cannot be seen"):
        host_of({"name": "x", "command": "a\nb"})
    with pytest.raises(ConfigError, match="hosts must be a list"):
        hosts_of("box")


def test_a_row_differs_from_the_same_one_whose_machine_answers_no_more() -> None:
    here, there, silent = hosted(ROW, "box"), hosted(ROW, "gpu"), hosted(ROW, "box", 55)
    assert here == hosted(ROW, "box")
    assert here not in {there, silent}
    assert here != silent
    assert here != ROW
    assert len({here, silent, there}) == 3
    assert (silent.host, silent.unheard_since, ROW.host, ROW.unheard_since) == ("box", 55, "", None)


def test_what_a_manager_answers_gets_the_machine_in_its_rows() -> None:
    assert located(ROW, "box") == hosted(ROW, "box")
    assert located(Page((ROW,), more=True), "box", 3).items == (hosted(ROW, "box", 3),)
    assert located(CancelResult("requested", ROW), "box").row.host == "box"
    assert located(5, "box") == 5
    assert located(Page((1, 2), more=False), "box") == Page((1, 2), more=False)
    assert (lane_at("box", "gpu"), lane_at("", "gpu")) == ("box/gpu", "gpu")


def test_a_host_in_a_filter_is_a_machine_of_the_list_or_that_of_the_agent() -> None:
    def fits(name: str, row: TaskRow) -> bool:
        return matches(row, (Term("host", "is", (name,)),), 0)

    assert fits("runner", ROW)
    assert not fits("box", ROW)
    assert fits("box", hosted(ROW, "box"))
    assert fits("runner", hosted(ROW, "box"))
    assert not fits("gpu", hosted(ROW, "box"))


def test_over_machines_the_time_of_creation_orders() -> None:
    assert order_of(ROW, TaskQuery()) == (7, "", 7)
    assert order_of(hosted(ROW, "box"), TaskQuery()) == (50, "box", 7)


def test_counters_are_added() -> None:
    one = Counts(((Status.RUNNING, 2),), needs_you=1, held=1, archived=3)
    two = Counts(((Status.RUNNING, 1), (Status.QUEUED, 4)))
    assert summed([one, two]) == Counts(
        ((Status.RUNNING, 3), (Status.QUEUED, 4)), needs_you=1, held=1, archived=3
    )
    assert summed([]).total == 0
