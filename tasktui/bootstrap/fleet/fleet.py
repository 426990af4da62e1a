"""One manager made of those of several machines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from tasktui.bootstrap.fleet.finding import LOOK_S, machine_of
from tasktui.bootstrap.fleet.listing import merged_page
from tasktui.bootstrap.fleet.member import Connect, Member, Pace
from tasktui.bootstrap.fleet.pages import Pages
from tasktui.bootstrap.fleet.port import OF_A_TASK, port_of
from tasktui.bootstrap.fleet.screens import Screens
from tasktui.bootstrap.fleet.searches import Searches
from tasktui.bootstrap.fleet.streams import joined
from tasktui.bootstrap.fleet.totals import named, own_lane, whole_stats
from tasktui.bootstrap.fleet.whereabouts import Whereabouts
from tasktui.domain.errors import InvalidError, NotFoundError, TasktuiError
from tasktui.domain.hosted import HostState, hosted, summed
from tasktui.domain.ports.manager import Manager
from tasktui.domain.requests import ChangeSet, Interest

if TYPE_CHECKING:
    from tasktui.domain.events.base import NewEvent
    from tasktui.domain.history import History, Restored
    from tasktui.domain.hosts import Host
    from tasktui.domain.query import Cursor, TaskQuery
    from tasktui.domain.records import StoredEvent
    from tasktui.domain.requests import LaneState, Schedule, Stats, Task
    from tasktui.domain.rows import Counts, Page, SearchHit, TaskRow, UnixMs
    from tasktui.domain.spec import TaskSpec

T = TypeVar("T")


class Fleet:
    """The `Manager` port over several machines, and `ManyHosts`; verbs about one task go to its machine."""

    def __init__(
        self,
        machines: Mapping[Host, Connect],
        *,
        pace: Pace | None = None,
        now: Callable[[], UnixMs] | None = None,
    ) -> None:
        """Take the machines in the order in which they are shown; new tasks go to the first one.

        Args:
            machines: each with what reaches its manager.
            pace: how long they are waited for.
            now: the wall time.
        """
        self._where = Whereabouts()
        self._screens = Screens(self._where.of, lambda: self._told(reread=True))
        self._searches = Searches()
        self._members: dict[str, Member] = {}
        self._pages: dict[str, Pages] = {}
        self._ports: dict[str, Manager] = {}
        for host, connect in machines.items():
            member = Member(host, connect, self._heard, pace=pace, now=now)
            member.interest = self._screens.aim(host.name)
            self._members[host.name] = member
            self._pages[host.name] = Pages(member, self._screens)
            self._ports[host.name] = port_of(member, self._pages[host.name], self._where.learn)
        self._troubles: dict[str, str] = {}
        self._lives: list[asyncio.Task[None]] = []
        self._usual = next(iter(self._members))
        self._tried = asyncio.Event()

    # The machines

    async def open(self, within_s: float = 0.0) -> Manager:
        """Begin to connect; wait so long at most until every machine was reached or was not."""
        self._lives = [asyncio.create_task(one.live(), name=name) for name, one in self._members.items()]
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._tried.wait()
        return cast("Manager", self)

    async def close(self, mode: Literal["detach", "cancel", "wait"] = "detach") -> None:  # noqa: ARG002  # the port's; hanging up leaves each owner as it is
        """Hang up everywhere."""
        for life in self._lives:
            life.cancel()
        await asyncio.gather(
            *self._lives, *(one.close() for one in self._pages.values()), return_exceptions=True
        )

    def hosts(self) -> Sequence[HostState]:
        """Return every machine and how it stands."""
        return tuple(member.state for member in self._members.values())

    def at(self, host: str) -> Manager:
        """Return the manager of one machine.

        Raises:
            NotFoundError: no machine has this name.
        """
        if host not in self._ports:
            raise NotFoundError(
                f"No machine is called {host}. There are {', '.join(self._ports)}.", host=host
            )
        return self._ports[host]

    def host_of(self, task_id: str) -> str | None:
        """Return the machine of a task that was seen."""
        return self._where.of(task_id)

    async def begins_in(self, host: str) -> str | None:
        """Return the directory in which a login there begins."""
        ask = getattr(self._members[host].reached(), "begins_in", None)
        return await _in_time(ask()) if ask is not None else None

    def try_again(self, host: str) -> None:
        """Connect to a machine now, rather than when its time has come."""
        self._members[host].try_again()

    # What changes

    def _heard(self, member: Member, changes: ChangeSet) -> None:
        changes = self._pages[member.name].heard(self._where.heard(member.name, changes))
        self._troubles[member.name] = changes.degraded or ""
        if all(state.standing != "connecting" for state in self.hosts()):
            self._tried.set()
        rows = tuple(
            hosted(row, member.name, member.unheard_since) for row in self._rows_told(member, changes)
        )
        told = replace(self._told(reread=changes.reread), rows=rows, removed=changes.removed)
        looked_at = {
            name: getattr(changes, name) for name in ("task_id", "tail", "output", "live", "written")
        }
        self._screens.put(replace(told, **looked_at))

    def _rows_told(self, member: Member, changes: ChangeSet) -> Sequence[TaskRow]:
        """Return the rows that changed; of a machine that came or went also that of the task looked at."""
        shown = member.known.get(self._screens.looked_at(member.name) or "") if changes.reread else None
        return (*changes.rows, shown) if shown is not None else changes.rows

    def _told(self, *, reread: bool = False) -> ChangeSet:
        """Return how all stand, as a change set."""
        troubles = "; ".join(f"{name}: {why}" for name, why in self._troubles.items() if why)
        return ChangeSet(
            counts=summed([one.counted for one in self._members.values()]),
            reread=reread,
            degraded=troubles or None,
            hosts=tuple(self.hosts()),
        )

    def changes(self, interest: Interest) -> AsyncIterator[ChangeSet]:
        """Follow what a screen needs on all machines."""
        return self._screens.follow(interest)

    async def subscribe(
        self, task_id: str | None = None, *, after: int = 0, client_id: str | None = None,
        agent_id: str | None = None,
    ) -> AsyncGenerator[StoredEvent | NewEvent, None]:  # fmt: skip
        """Follow a task where it is, or all machines that answer; whose an event is, `host_of` its task says.

        Raises:
            InvalidError: a position in the log of all, which is another one on each machine.
        """
        if task_id is not None:
            port = await self._port(task_id)
            streams = {"": port.subscribe(task_id, after=after, client_id=client_id, agent_id=agent_id)}
        elif after:
            raise InvalidError("Each machine numbers its own events: follow one of them by its name.")
        else:
            streams = {
                name: self._ports[name].subscribe(client_id=client_id, agent_id=agent_id)
                for name, member in self._members.items()
                if member.manager is not None
            }
        async for name, event in joined(streams):
            if name:
                self._where.put(name, (event.task_id,))
            yield event

    # One task

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in OF_A_TASK:
            raise AttributeError(f"not a method of the manager's port: {name}")

        @wraps(getattr(Manager, name))
        async def route(task_id: str, *args: Any, **options: Any) -> Any:
            return await getattr(await self._port(task_id), name)(task_id, *args, **options)

        return route

    async def _port(self, task_id: str) -> Manager:
        """Return the manager of a task's machine; raises as `machine_of`."""
        return self._ports[await self._machine(task_id)]

    async def _machine(self, task_id: str) -> str:
        return self._where.of(task_id) or await machine_of(task_id, self._members.values())

    async def _machine_or_usual(self, task_id: str) -> str:
        """Return the machine of a task, that of new tasks where none has it yet."""
        try:
            return await self._machine(task_id)
        except NotFoundError:
            return self._usual

    async def attach(self, task_id: str, name: str, data: bytes) -> str:
        """Keep a file, on the machine of the task; for one that is yet to be made, on that of new tasks."""
        return await self._ports[await self._machine_or_usual(task_id)].attach(task_id, name, data)

    async def submit(
        self, spec: TaskSpec, *, env: Mapping[str, str] | None = None, task_id: str | None = None
    ) -> Task:
        """Queue a task on the first machine; `at` names another one."""
        return await self._ports[self._usual].submit(spec, env=env, task_id=task_id)

    async def restore(self, histories: Sequence[History]) -> Sequence[Restored]:
        """Take in tasks on the first machine."""
        return await self._ports[self._usual].restore(histories)

    async def purge(self, task_ids: Sequence[str]) -> int:
        """Delete finished tasks, each where it is; nothing is deleted where one of the machines is away."""
        by_host: dict[str, list[str]] = {}
        names = await asyncio.gather(*map(self._machine_or_usual, task_ids))
        for task_id, name in zip(task_ids, names, strict=True):
            by_host.setdefault(name, []).append(task_id)
        for name in by_host:
            self._members[name].reached()
        return sum([await self._ports[name].purge(some) for name, some in by_host.items()])

    # All of them

    async def page(
        self, query: TaskQuery, *, after: Cursor | None = None, before: Cursor | None = None, skip: int = 0,
        limit: int = 64,
    ) -> Page[TaskRow]:  # fmt: skip
        """Return a stretch of the listing of all."""
        sources = tuple(self._pages.values())
        page = await merged_page(sources, query, after=after, before=before, skip=skip, limit=limit)
        for row in page.items:
            self._where.put(row.host, (row.id,))
        return page

    async def count(self, query: TaskQuery, *, limit: int = 10_000) -> int:
        """Return how long the listing of all is."""
        return sum(await asyncio.gather(*(one.count(query, limit) for one in self._pages.values())))

    async def counts(self) -> Counts:
        """Return tasks by status."""
        return summed(await asyncio.gather(*(one.counts() for one in self._pages.values())))

    async def stats(self) -> Stats:
        """Return figures about those that answer."""
        return whole_stats(await self._asked(lambda _, port: port.stats()))

    async def lanes(self) -> Sequence[LaneState]:
        """Return every lane as `machine/lane`."""
        asked = await self._asked(lambda _, port: port.lanes())
        return tuple(named(lane, name) for name, lanes in asked.items() for lane in lanes)

    async def set_lane(self, lane: str, *, limit: int | None = None, paused: bool | None = None) -> LaneState:
        """Change the lane `machine/lane`; without a machine, that of the first one."""
        host, own = own_lane(lane, self._ports, self._usual)
        return named(await self._ports[host].set_lane(own, limit=limit, paused=paused), host)

    async def schedules(self) -> Sequence[Schedule]:
        """Return what recurs, the oldest first."""
        asked = await self._asked(lambda _, port: port.schedules())
        found = [named(one, name) for name, some in asked.items() for one in some]
        return tuple(sorted(found, key=lambda one: one.created_at))

    async def stop_schedule(self, schedule_id: str, *, by: str = "you") -> Schedule:
        """End a schedule, where it is."""
        for name, some in (await self._asked(lambda _, port: port.schedules())).items():
            if any(one.schedule_id == schedule_id for one in some):
                return named(await self._ports[name].stop_schedule(schedule_id, by=by), name)
        raise NotFoundError(f"No schedule {schedule_id} goes on where it can be asked.", id=schedule_id)

    async def search(self, text: str, *, before: int | None = None, limit: int = 50) -> Page[SearchHit]:
        """Return where the text stands, the newest first."""
        at = self._searches.before(before)
        asked = await self._asked(lambda name, port: port.search(text, before=at.get(name), limit=limit))
        return self._searches.merged(tuple(asked.items()), before, limit)

    async def busy(self) -> int:
        """Return how many tasks are queued or running."""
        return sum((await self._asked(lambda _, port: port.busy())).values())

    async def _asked(self, ask: Callable[[str, Manager], Awaitable[T]]) -> dict[str, T]:
        """Return what those say that answer in time."""
        names = [name for name, member in self._members.items() if member.manager is not None]
        answers = await asyncio.gather(*(_in_time(ask(name, self._ports[name])) for name in names))
        return {name: answer for name, answer in zip(names, answers, strict=True) if answer is not None}


async def _in_time(asked: Awaitable[T]) -> T | None:
    with suppress(TimeoutError, TasktuiError):
        async with asyncio.timeout(LOOK_S):
            return await asked
    return None
