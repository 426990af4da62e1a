"""One machine of a list: connects to its manager, follows it, and remembers what it said last."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tasktui.bootstrap.fleet.known import Known
from tasktui.domain.errors import TasktuiError, UnreachableError
from tasktui.domain.hosted import HostState, Standing, summed
from tasktui.domain.query import TaskQuery
from tasktui.domain.requests import ChangeSet, Interest
from tasktui.domain.rows import Counts
from tasktui.domain.status import Group

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tasktui.domain.hosts import Host
    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.requests import Stats
    from tasktui.domain.rows import TaskRow, UnixMs

log = logging.getLogger(__name__)
Connect = Callable[[], Awaitable["Manager"]]
FIRST: Final = 64
"""Rows of each group that are read when a machine is reached: what is known of it should it go."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a machine is waited for, in seconds."""

    connect_s: float = 20.0
    """For a connection and the first answers."""
    quiet_s: float = 5.0
    """Without a word before it is asked whether it is there."""
    answer_s: float = 5.0
    """For the answer to that; then it counts as unreachable."""
    page_s: float = 1.0
    """For a page; then what is known is shown in its place, until the page comes."""
    act_s: float = 15.0
    """For an action or the details of a task."""
    first_s: float = 1.0
    """Between the first two attempts to connect; each further time twice as long."""
    longest_s: float = 30.0
    """Between two attempts at most."""
    lasting_s: float = 5.0
    """How long a connection stands before its loss is worth an attempt at once."""


class Member:
    """One machine and how it stands."""

    def __init__(
        self,
        host: Host,
        connect: Connect,
        heard: Callable[[Member, ChangeSet], None],
        *,
        pace: Pace | None = None,
        now: Callable[[], UnixMs] | None = None,
    ) -> None:
        """Take the machine.

        Args:
            host: as the person named it.
            connect: reaches its manager, again after each loss.
            heard: told of what changed there, and of an empty change set when only its standing did.
            pace: how long it is waited for.
            now: the wall time.
        """
        self.pace = pace or Pace()
        self.known = Known()
        self.interest = Interest()
        self.manager: Manager | None = None
        self._connect = connect
        self._heard = heard
        self._now = now or (lambda: time.time_ns() // 1_000_000)
        self._hurry = asyncio.Event()
        self._delay_s = self.pace.first_s
        self._connected_at: float | None = None
        self.state = HostState(host, since=self._now())

    @property
    def name(self) -> str:
        """What the machine is called."""
        return self.state.host.name

    @property
    def unheard_since(self) -> UnixMs | None:
        """When it answered last, while it does not; None for one that answers or never did."""
        return None if self.manager is not None else self.state.answered_at

    @property
    def counted(self) -> Counts:
        """Its tasks by status as the list has them: those that are known while it does not answer."""
        return self.known.counts() if self.manager is None else self.state.counts

    def reached(self) -> Manager:
        """Return its manager.

        Raises:
            UnreachableError: there is no connection now.
        """
        if self.manager is None:
            why = self.state.why.rstrip(".")
            said = f"{self.name} cannot be reached{f' ({why})' if why else ''}"
            said = why if why.startswith(self.name) else said
            raise UnreachableError(
                f"{said}. Nothing was sent there; it is tried again by itself.", host=self.name
            )
        return self.manager

    def answered(self) -> None:
        """Note that it answers."""
        self.state = replace(self.state, answered_at=self._now())

    def try_again(self) -> None:
        """Connect now, where it is waited for the next time to do that."""
        self._hurry.set()

    async def live(self) -> None:
        """Stay connected until canceled; a connection that did not last is sought again ever more slowly."""
        while True:
            why = await self._sit()
            if self._has_lasted():
                self._delay_s = self.pace.first_s
                self._stand("connecting", why)
                continue
            self._stand("unreachable", why, again_at=self._now() + round(self._delay_s * 1_000))
            self._hurry.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._delay_s):
                    await self._hurry.wait()
            self._delay_s = min(self.pace.longest_s, self._delay_s * 2)
            self._stand("unreachable", why)

    def _has_lasted(self) -> bool:
        connected_at, self._connected_at = self._connected_at, None
        return connected_at is not None and time.monotonic() - connected_at >= self.pace.lasting_s

    async def _sit(self) -> str:
        """Connect and follow; return why that has ended."""
        manager: Manager | None = None
        try:
            async with asyncio.timeout(self.pace.connect_s) as deadline:
                manager = await self._connect()
                stats, rows = await _first(manager)
            self._connected(manager, stats, rows)
            return await self._follow(manager)
        except TimeoutError:
            waited = self.pace.connect_s if deadline.expired() else self.pace.answer_s
            return f"no answer within {waited:g} s"
        except TasktuiError as error:
            return error.message
        except OSError as error:
            return error.strerror or str(error)
        except Exception as error:
            log.exception("an answer of %s", self.name)
            self._distrust()
            return f"what it answers is not understood ({type(error).__name__}); the log has more"
        finally:
            self.manager = None
            if manager is not None and not self.state.host.is_local:
                await _hang_up(manager)

    def _distrust(self) -> None:
        """Forget what cannot be counted or shown, and that there was a connection."""
        self._connected_at = None
        self.known.clear()
        self.state = replace(self.state, counts=Counts(()))

    def _connected(self, manager: Manager, stats: Stats, rows: list[TaskRow]) -> None:
        self.known.clear()
        self.known.put(rows)
        self.manager = manager
        self._connected_at = time.monotonic()
        self.state = replace(self.state, answered_at=self._now(), version=stats.version, counts=stats.counts)
        self._stand("connected", degraded=stats.degraded)

    def _stand(
        self,
        standing: Standing,
        why: str = "",
        *,
        again_at: UnixMs | None = None,
        degraded: str | None = None,
    ) -> None:
        """Take another standing; since when it is unreachable counts from when it was lost."""
        was = self.state.standing
        turned = standing != was and "connected" in {standing, was}
        self.state = replace(
            self.state,
            standing=standing,
            since=self._now() if turned else self.state.since,
            why=why,
            again_at=again_at,
        )
        self._heard(self, ChangeSet(reread=turned, degraded=degraded))

    async def _follow(self, manager: Manager) -> str:
        """Hand on what changes, and ask whether it is there when it is silent; return why that has ended.

        Raises:
            TimeoutError: it does not answer.
            TasktuiError: the connection is lost.
        """
        changes = manager.changes(self.interest)
        coming = asyncio.ensure_future(anext(changes, None))
        try:
            while True:
                await self._await_word(manager, coming)
                change = coming.result()
                if change is None:
                    return "the connection has ended"
                if change.lost:
                    return change.degraded or "its owner does not answer"
                coming = asyncio.ensure_future(anext(changes, None))
                self._take(change)
        finally:
            await _ended(coming, changes)

    async def _await_word(self, manager: Manager, coming: asyncio.Future[ChangeSet | None]) -> None:
        while not (await asyncio.wait({coming}, timeout=self.pace.quiet_s))[0]:
            async with asyncio.timeout(self.pace.answer_s):
                counts = summed([await manager.counts()])  # fails here where they are none, not among others'
                self.state = replace(self.state, counts=counts)
            self.answered()

    def _take(self, change: ChangeSet) -> None:
        self.answered()
        self.known.put(change.rows)
        self.known.remove(change.removed)
        if change.counts is not None:
            self.state = replace(self.state, counts=change.counts)
        self._heard(self, change)


async def _first(manager: Manager) -> tuple[Stats, list[TaskRow]]:
    """Read what a machine has, and the first rows of each group."""
    queries = (
        TaskQuery(group=group, sort="finished" if group is Group.FINISHED else "created") for group in Group
    )
    stats = await manager.stats()
    pages = await asyncio.gather(*(manager.page(query, limit=FIRST) for query in queries))
    return stats, [row for page in pages for row in page.items]


async def _ended(coming: asyncio.Future[ChangeSet | None], changes: AsyncIterator[ChangeSet]) -> None:
    coming.cancel()
    await asyncio.gather(coming, return_exceptions=True)
    close = getattr(changes, "aclose", None)
    if close is not None:
        with suppress(TasktuiError):
            await close()


async def _hang_up(manager: Manager) -> None:
    """Let go of a connection, which may be dead."""
    with suppress(TasktuiError, OSError, TimeoutError):
        async with asyncio.timeout(2.0):
            await manager.close("detach")
