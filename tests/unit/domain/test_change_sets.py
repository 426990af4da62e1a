"""ChangeSet.then: two change sets as one."""

from __future__ import annotations

from dataclasses import replace

from tasktui.domain.records import StoredEvent
from tasktui.domain.requests import ChangeSet
from tasktui.domain.rows import Counts, TaskRow
from tasktui.domain.status import Kind, Status
from tasktui.domain.tail import MOST


def row(name: str, updated: int = 0) -> TaskRow:
    return TaskRow(name, 1, Kind.SHELL, name, "default", Status.RUNNING, 0, updated, 0)


def event(seq: int) -> StoredEvent:
    return StoredEvent(seq, "a", seq, 1, 0, "task.status", "", b"{}")


def test_two_change_sets_are_one_with_the_newest_of_each() -> None:
    counts = Counts(((Status.RUNNING, 2),))
    old = ChangeSet(
        rows=(row("a", 1), row("b", 1)), removed=("c",), counts=counts, live=(("m", "x"),), reread=True
    )
    new = ChangeSet(
        rows=(row("a", 2), row("c", 2)), removed=("b",), live=(("m", "xy"), ("n", "z")), degraded="full"
    )
    both = old.then(new)
    assert {(one.id, one.updated_at) for one in both.rows} == {("a", 2), ("c", 2)}
    assert both.removed == ("b",)
    assert both.counts is counts
    assert both.reread
    assert dict(both.live) == {"m": "xy", "n": "z"}
    assert both.degraded == "full"


def test_what_is_being_said_is_told_whole_each_time() -> None:
    """What is complete by now is not said any more, and the call that wrote last stands last."""
    old = ChangeSet(live=(("m", "x"), ("n", "y")), written=(("c", "1"), ("d", "2")))
    new = ChangeSet(live=(("n", "yz"),), written=(("d", "2"), ("c", "12")))
    both = old.then(new)
    assert (both.live, both.written) == (new.live, new.written)
    quiet = both.then(ChangeSet())
    assert (quiet.live, quiet.written) == (new.live, new.written)


def test_the_tail_is_bounded_and_what_it_lacks_is_read_again() -> None:
    old = ChangeSet(tail=tuple(event(seq) for seq in range(MOST)))
    assert not old.then(ChangeSet()).reread
    both = old.then(ChangeSet(tail=(event(MOST),)))
    assert len(both.tail) == MOST
    assert both.tail[-1].seq == MOST
    assert both.reread


def test_what_is_said_of_one_task_is_not_said_of_another() -> None:
    of_a = ChangeSet(
        rows=(row("a"),),
        task_id="a",
        tail=(event(1),),
        output=True,
        live=(("m", "x"),),
        written=(("c", "y"),),
    )
    for looks_on in (ChangeSet(task_id="b"), ChangeSet(task_id="b", live=(("m", "z"),))):
        both = of_a.then(looks_on)
        assert both.rows == of_a.rows
        assert (both.task_id, both.tail, both.output) == ("b", (), False)
        assert (both.live, both.written) == (looks_on.live, ())
    of_nothing = of_a.then(ChangeSet(rows=(row("b"),)))
    assert of_nothing == replace(of_a, rows=(row("a"), row("b")))
    assert of_a.about("a") is of_a
    assert of_a.about("b") == ChangeSet(rows=of_a.rows)
    of_an_older_owner = ChangeSet(live=(("m", "x"),))
    assert of_an_older_owner.about("b") is of_an_older_owner
