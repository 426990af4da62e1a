"""ui/feed.py: what is gathered is handed over once, in order, and never faster than asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tasktui.domain.records import StoredEvent
from tasktui.domain.requests import ChangeSet
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Kind, Status
from tasktui.ui import feed
from tasktui.ui.feed import Outlet


def row(name: str, updated: int = 0) -> TaskRow:
    return TaskRow(name, 1, Kind.SHELL, name, "default", Status.RUNNING, 0, updated, 0)


def event(seq: int) -> StoredEvent:
    return StoredEvent(seq, "a", seq, 1, 0, "task.status", "", b"{}")


@dataclass
class HandClock:
    """Timers that go off when told."""

    at: float = 100.0
    due: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def set_timer(self, delay: float, callback: Callable[[], None]) -> object:
        self.due.append((self.at + delay, callback))
        return callback

    def pass_s(self, seconds: float) -> None:
        self.at += seconds
        ready = [callback for at, callback in self.due if at <= self.at]
        self.due = [(at, callback) for at, callback in self.due if at > self.at]
        for callback in ready:
            callback()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> HandClock:
    made = HandClock()
    monkeypatch.setattr(feed, "monotonic", lambda: made.at)
    return made


def outlet(clock: Any, got: list[ChangeSet], waits: Callable[[], bool] = lambda: False) -> Outlet:
    return Outlet(clock, got.append, 0.1, waits)


def test_the_first_change_goes_out_at_once_and_a_flood_once_per_interval(clock: HandClock) -> None:
    got: list[ChangeSet] = []
    out = outlet(clock, got)
    for number in range(50):
        out.put(ChangeSet(rows=(row("a", number),)))
    assert len(got) == 1
    assert len(clock.due) == 1
    clock.pass_s(0.11)
    assert [changes.rows[0].updated_at for changes in got] == [0, 49]
    clock.pass_s(1)
    assert len(got) == 2


def test_nothing_goes_out_while_the_terminal_is_behind(clock: HandClock) -> None:
    got: list[ChangeSet] = []
    behind = [1000]
    out = outlet(clock, got, lambda: behind[0] > 0)
    out.put(ChangeSet(rows=(row("a"),)))
    clock.pass_s(0.5)
    assert got == []
    behind[0] = 0
    clock.pass_s(0.2)
    assert len(got) == 1


def test_between_two_keys_what_waits_goes_out_once_an_interval(clock: HandClock) -> None:
    got: list[ChangeSet] = []
    out = outlet(clock, got, lambda: True)
    out.put(ChangeSet(rows=(row("a", 1),)))
    out.hurry()
    out.put(ChangeSet(rows=(row("a", 2),)))
    out.hurry()
    assert [changes.rows[0].updated_at for changes in got] == [1]
    clock.at += 0.11
    out.hurry()
    assert [changes.rows[0].updated_at for changes in got] == [1, 2]
