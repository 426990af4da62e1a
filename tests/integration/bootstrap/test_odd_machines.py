"""Machines of a list that answer oddly, or claim what is another one's: they cost nobody else anything."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest

from tasktui.bootstrap.fleet import whereabouts
from tasktui.bootstrap.fleet.fleet import Fleet
from tasktui.bootstrap.fleet.member import Member, Pace
from tasktui.bootstrap.fleet.whereabouts import Whereabouts
from tasktui.domain.errors import AmbiguousTaskError, OwnerError, StateError
from tasktui.domain.hosts import Host
from tasktui.domain.ports.manager import Manager
from tasktui.domain.query import EVERYTHING, TaskQuery
from tasktui.domain.requests import ChangeSet, Interest
from tasktui.domain.rows import Counts, TaskRow
from tasktui.domain.status import Kind, Status
from tasktui.store.memory import MemoryStore
from tests.contract.managers import local, spec

FULL = "odd: The disk is full."
QUICK = Pace(first_s=0.1, longest_s=5, quiet_s=0.1)


class Odd:
    """A machine of which some answers are another one's than its owner's."""

    def __init__(self, manager: Manager, **answers: Callable[..., Any]) -> None:
        self._manager = manager
        self._answers = answers

    def __getattr__(self, name: str) -> Any:
        return self._answers.get(name) or getattr(self._manager, name)


def row(task_id: str) -> TaskRow:
    return TaskRow(task_id, 1, Kind.SHELL, "title", "default", Status.QUEUED, 1, 1, 1)


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def living(connect: Callable[[], Awaitable[Manager]], pace: Pace = QUICK) -> AsyncIterator[Member]:
    member = Member(Host("odd", "odd"), connect, lambda _member, _changes: None, pace=pace)
    life = asyncio.create_task(member.live())
    try:
        yield member
        assert not life.done(), "it is tried again for as long as the screen stands"
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)


async def failing(_interest: Interest) -> AsyncIterator[ChangeSet]:
    for _ in range(1):
        raise OwnerError("no changes today")
    yield ChangeSet()


async def test_one_that_answers_and_then_fails_is_sought_ever_more_slowly(own_home: Path) -> None:
    connects: list[float] = []
    async with local(own_home, MemoryStore()) as room:

        async def connect() -> Manager:
            connects.append(asyncio.get_running_loop().time())
            return cast("Manager", Odd(room.manager, changes=failing, close=_closed))

        async with living(connect) as member:
            await until(lambda: len(connects) >= 4)
            assert member.state.why in {"no changes today", ""}
    gaps = [later - sooner for sooner, later in pairwise(connects)]
    assert all(gap >= least for gap, least in zip(gaps, (0.1, 0.2, 0.4), strict=False)), gaps


async def _closed(_mode: str) -> None:
    """The owner goes on: the connection alone is let go."""


async def _no_counts() -> Counts:
    return Counts(((Status.QUEUED, cast("int", "many")),))


async def _malformed(_interest: Interest) -> AsyncIterator[ChangeSet]:
    yield ChangeSet(rows=(cast("TaskRow", "no row"),))


async def _silent(_interest: Interest) -> AsyncIterator[ChangeSet]:
    await asyncio.Event().wait()
    yield ChangeSet()


async def _broken() -> Any:
    raise KeyError("items")


@pytest.mark.parametrize(
    "answers",
    [{"stats": _broken}, {"changes": _malformed}, {"counts": _no_counts, "changes": _silent}],
    ids=["first", "change", "counts"],
)
async def test_a_malformed_answer_is_said_logged_and_tried_again(
    own_home: Path, caplog: pytest.LogCaptureFixture, answers: dict[str, Callable[..., Any]]
) -> None:
    odd = True
    async with local(own_home, MemoryStore()) as room:

        async def connect() -> Manager:
            return cast("Manager", Odd(room.manager, close=_closed, **(answers if odd else {})))

        async with living(connect) as member:
            await until(lambda: member.state.standing == "unreachable")
            assert member.state.why.startswith("what it answers is not understood")
            assert member.state.again_at is not None
            assert any(record.exc_info and "odd" in record.message for record in caplog.records)
            odd = False
            await until(lambda: member.state.standing == "connected")


async def test_one_that_stood_for_long_is_sought_at_once(own_home: Path) -> None:
    standings: list[str] = []
    ending = asyncio.Event()

    async def changes(_interest: Interest) -> AsyncIterator[ChangeSet]:
        yield ChangeSet()
        await ending.wait()
        ending.clear()

    async with local(own_home, MemoryStore()) as room:

        async def connect() -> Manager:
            return cast("Manager", Odd(room.manager, changes=changes, close=_closed))

        async with living(connect, Pace(lasting_s=0.0, first_s=60)) as member:
            member._heard = lambda one, _: standings.append(one.state.standing)
            await until(lambda: standings == ["connected", "connected"])
            ending.set()
            await until(lambda: standings[2:] == ["connecting", "connected", "connected"])


def test_a_task_stays_where_it_was_first_heard_of(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = Whereabouts()
    where.put("good", ["mine"])
    with caplog.at_level(logging.WARNING):
        where.put("odd", ["mine", "its own"])
        where.put("odd", ["mine"])
    assert (where.of("mine"), where.of("its own")) == ("good", "odd")
    assert len(caplog.records) == 1
    told = where.heard("odd", ChangeSet(rows=(row("mine"), row("new")), removed=("mine", "its own")))
    assert [one.id for one in told.rows] == ["new"]
    assert told.removed == ("its own",)
    assert (where.of("mine"), where.of("its own")) == ("good", None)
    monkeypatch.setattr(whereabouts, "MOST", 3)
    where.put("odd", map(str, range(10)))
    assert where.of("mine") == "good", "no machine pushes out what another one told"
    assert [where.of(str(number)) for number in (6, 7, 9)] == [None, "odd", "odd"]
    where.heard("good", ChangeSet(removed=("mine",)))
    where.put("odd", ["mine"])
    assert where.of("mine") == "odd"


async def test_what_is_not_known_is_asked_for_and_of_two_who_claim_it_none_gets_it(own_home: Path) -> None:
    async with (
        local(own_home, MemoryStore()) as first,
        local(own_home / "b", MemoryStore()) as second,
    ):
        made = await second.manager.submit(spec("quick"), task_id="job")
        await second.manager.wait("job", timeout_s=30)
        claims = False

        async def get(task_id: str) -> Any:
            return made if claims else await first.manager.get(task_id)

        async def one() -> Manager:
            return cast("Manager", Odd(first.manager, get=get))

        async def two() -> Manager:
            return cast("Manager", Odd(second.manager, close=_closed))

        fleet = Fleet({Host("local", ""): one, Host("other", "other"): two})
        await fleet.open(within_s=20)
        fleet._where.remove("other", ["job"])
        claims = True
        port: Manager = fleet
        for _ in range(2):
            with pytest.raises(AmbiguousTaskError, match="job on local, job on other"):
                await port.cancel("job")
        claims = False
        with pytest.raises(StateError, match="The task has ended: job"):
            await fleet.attach("job", "notes.txt", b"notes")
        assert fleet.host_of("job") is None
        assert await fleet.purge(["job"]) == 1
        await fleet.close()


async def test_what_changed_since_a_late_page_was_asked_for_is_told_again(own_home: Path) -> None:
    """The list has got that page by then, and in it the task as it was."""
    late = asyncio.Event()

    async with local(own_home, MemoryStore()) as room:
        task = await room.manager.submit(spec("one", held=True))

        async def page(query: TaskQuery, **which: Any) -> Any:
            read = await room.manager.page(query, **which)
            if query == EVERYTHING:
                await late.wait()
            return read

        async def connect() -> Manager:
            return cast("Manager", Odd(room.manager, page=page, close=_closed))

        fleet = Fleet({Host("odd", "odd"): connect}, pace=Pace(page_s=0.01))
        await fleet.open(within_s=20)
        screen = fleet.changes(Interest(min_interval_s=0.0))
        async with asyncio.timeout(30):
            assert (await fleet.page(EVERYTHING)).items[0].status is Status.QUEUED
            await room.manager.cancel(task.id)
            while Status.CANCELED not in {one.status for one in (await anext(screen)).rows}:
                pass
            late.set()
            while not (await anext(screen)).reread:
                pass
            assert (await fleet.page(EVERYTHING)).items[0].status is Status.QUEUED, "the page that was late"
            while not (told := await anext(screen)).rows:
                pass
        assert [(one.id, one.status, one.host) for one in told.rows] == [(task.id, Status.CANCELED, "odd")]
        await fleet.close()


async def test_a_page_that_comes_late_does_not_take_back_that_a_disk_is_full(own_home: Path) -> None:
    late = asyncio.Event()

    async def changes(_interest: Interest) -> AsyncIterator[ChangeSet]:
        yield ChangeSet(degraded="The disk is full.")
        await asyncio.Event().wait()

    async with local(own_home, MemoryStore()) as room:

        async def count(query: TaskQuery, *, limit: int) -> int:
            await late.wait()
            return await room.manager.count(query, limit=limit)

        async def connect() -> Manager:
            return cast("Manager", Odd(room.manager, changes=changes, count=count, close=_closed))

        fleet = Fleet({Host("odd", "odd"): connect}, pace=Pace(page_s=0.01))

        await fleet.open(within_s=20)
        screen = fleet.changes(Interest(min_interval_s=0.0))
        async with asyncio.timeout(30):
            while (await anext(screen)).degraded != FULL:
                pass
            assert await fleet.count(EVERYTHING) == 0
            late.set()
            while not (told := await anext(screen)).reread:
                pass
        assert told.degraded == FULL
        await fleet.close()
