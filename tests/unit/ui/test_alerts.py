"""Who is called for, how often, and with which bytes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktui.domain.requests import ChangeSet
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Attention, Kind, Status
from tasktui.ui.alerts import Alerts, alert, sentence, toasts
from tasktui.ui.driver.frames import TOKEN


def row(name: str, *, waits: bool = True) -> TaskRow:
    attention = Attention.APPROVAL if waits else Attention.NONE
    return TaskRow(name, 1, Kind.AGENT, name, "default", Status.RUNNING, 1, 1, 1, attention=attention)


class Nobody:
    """A manager of which one page is read."""

    def __init__(self, *rows: TaskRow) -> None:
        self.items = rows

    async def page(self, query: object, *, limit: int) -> Any:
        return self


async def begun(*rows: TaskRow) -> Alerts:
    alerts = Alerts()
    assert await alerts.look(Nobody(*rows)) == ()  # type: ignore[arg-type]  # only `page` is called
    return alerts


async def test_a_task_is_told_of_once_until_it_waits_again() -> None:
    alerts = await begun(row("old"))
    waits, goes_on = row("a"), row("a", waits=False)
    assert alerts.take(ChangeSet(rows=(waits, row("old")))) == (waits,)
    assert alerts.take(ChangeSet(rows=(waits._replace(tokens_in=5),))) == ()
    assert alerts.take(ChangeSet(rows=(goes_on,))) == ()
    assert alerts.take(ChangeSet(rows=(waits,))) == (waits,)
    assert alerts.take(ChangeSet(removed=("a",))) == ()


async def test_another_question_of_the_same_task_is_told_of() -> None:
    alerts = await begun(row("a")._replace(attention_id="r1"))
    again = row("a")._replace(attention_id="r2")
    assert alerts.take(ChangeSet(rows=(again,))) == (again,)
    assert alerts.take(ChangeSet(rows=(again,))) == ()


def test_a_few_are_announced_each_and_many_in_one_sentence() -> None:
    asks = row("b")._replace(attention=Attention.INPUT)
    assert toasts([row("a"), asks], "w") == [
        "a wants an approval · w goes there",
        "b has a question · w goes there",
    ]
    assert toasts([row(str(number)) for number in range(50)], "!") == [
        "0 and 49 more need you · ! goes there"
    ]
    assert toasts([], "w") == []


async def test_who_came_to_wait_while_nobody_was_connected_is_told_of() -> None:
    alerts = await begun(row("old"))
    fresh = await alerts.look(Nobody(row("old"), row("new")))  # type: ignore[arg-type]  # only `page` is called
    assert [found.id for found in fresh] == ["new"]


async def test_what_changes_while_it_is_read_who_waits_is_newer_than_the_answer() -> None:
    """Also during the first look: whom nobody called for then would wait for ever."""
    alerts = Alerts()

    class Late(Nobody):
        async def page(self, query: object, *, limit: int) -> Any:
            alerts.take(ChangeSet(rows=(row("new"), row("old", waits=False))))
            return self

    late: Any = Late(row("old"))
    assert [found.id for found in await alerts.look(late)] == ["new"]
    assert alerts.take(ChangeSet(rows=(row("new"),))) == ()
    assert [found.id for found in alerts.take(ChangeSet(rows=(row("old"),)))] == ["old"]


def test_nothing_is_told_before_the_first_look() -> None:
    assert Alerts().take(ChangeSet(rows=(row("a"),))) == ()


def test_of_a_burst_the_first_is_heard_and_what_is_looked_at_is_not() -> None:
    alerts = Alerts()
    a, b = row("a"), row("b")
    assert alerts.worth((a,), "a", 10.0) == ()
    assert alerts.worth((a, b), "a", 10.0) == (b,)
    assert alerts.worth((a,), None, 10.9) == ()
    assert alerts.worth((a,), None, 11.1) == (a,)


@pytest.mark.parametrize(
    ("way", "environ", "expected"),
    [
        ("none", {}, ""),
        ("bell", {}, "\a"),
        ("desktop", {"TERM": "xterm-kitty"}, "\x1b]9;tasktui: a needs you\a"),
        ("desktop", {"TERM": "foot"}, "\x1b]777;notify;tasktui;a needs you\a"),
        ("desktop", {"VTE_VERSION": "7600"}, "\x1b]777;notify;tasktui;a needs you\a"),
        ("desktop", {"TMUX": "/tmp/t,1,0", "TERM": "foot"}, "\a"),
    ],
)
def test_each_terminal_gets_what_it_knows(way: Any, environ: dict[str, str], expected: str) -> None:
    assert alert(way, "a needs you", environ) == expected


def test_more_than_one_is_said_in_one_sentence() -> None:
    assert sentence((row("a"), row("b"), row("c"))) == "a and 2 more need you"


@given(st.text(), st.sampled_from(["xterm", "foot"]))
def test_a_title_never_ends_the_sequence_or_begins_another(title: str, term: str) -> None:
    sent = alert("desktop", sentence((row(title),)), {"TERM": term})
    tokens = list(TOKEN.finditer(sent))
    assert [token.lastgroup for token in tokens] == ["control"]
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in sent[1:-1])
