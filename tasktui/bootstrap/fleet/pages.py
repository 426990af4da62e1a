"""The listing of one machine for a screen that does not wait: what is known, where an answer is late."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tasktui.bootstrap.fleet.member import Member
from tasktui.domain.errors import InvalidError, TasktuiError
from tasktui.domain.hosted import hosted
from tasktui.domain.query import Cursor, TaskQuery
from tasktui.domain.rows import Counts, Page, TaskRow
from tasktui.ui.newest import Newest

if TYPE_CHECKING:
    from tasktui.bootstrap.fleet.screens import Screens
    from tasktui.domain.requests import ChangeSet

T = TypeVar("T")
BEHIND_S: Final = 0.05
"""How long a machine is waited for that is late already."""
KEPT_S: Final = 2.0
"""How long an answer that came late is kept for whoever asks again."""
_MOST: Final = 16
"""Questions to one machine that are late at once."""


@dataclass(frozen=True, slots=True, eq=False)
class _Late:
    """A question whose answer is late, and how many change sets had come when it was asked."""

    asked: asyncio.Future[Any]
    begun: int


class Pages:
    """Pages and counts of one machine, rows with its name; a `Source` of the merged listing."""

    def __init__(self, member: Member, screens: Screens) -> None:
        """Take the machine, and who is told that an answer came late: the listing is to be read again."""
        self._member = member
        self._screens = screens
        self._late: dict[Hashable, _Late] = {}
        self._newest = Newest()

    @property
    def name(self) -> str:
        """What the machine is called."""
        return self._member.name

    def heard(self, changes: ChangeSet) -> ChangeSet:
        """Remember what changed there, and return it: answers that are on the way may be from before that."""
        self._newest.put(changes)
        return changes

    async def page(
        self, query: TaskQuery, *, after: Cursor | None = None, before: Cursor | None = None, skip: int = 0,
        limit: int = 64,
    ) -> Page[TaskRow]:  # fmt: skip
        """Return a stretch of its listing; of what is known where it does not answer in time."""
        member, mine = self._member, at_host(query, self.name)
        if mine is None:
            return Page((), more=False)

        async def read() -> Page[TaskRow]:
            return await member.reached().page(mine, after=after, before=before, skip=skip, limit=limit)

        page = await self._in_time(("page", mine, after, before, skip, limit), read)
        if page is None:
            page = member.known.page(mine, after=after, before=before, skip=skip, limit=limit)
        else:
            member.known.put(page.items)
        since = member.unheard_since
        return replace(page, items=tuple(hosted(row, self.name, since) for row in page.items))

    async def count(self, query: TaskQuery, limit: int) -> int:
        """Return how long its listing is, as far as is known."""
        member, mine = self._member, at_host(query, self.name)
        if mine is None:
            return 0

        async def read() -> int:
            return await member.reached().count(mine, limit=limit)

        number = await self._in_time(("count", mine, limit), read)
        return member.known.count(mine) if number is None else number

    async def counts(self) -> Counts:
        """Return its tasks by status; of what is known where it does not answer."""
        member = self._member

        async def read() -> Counts:
            return await member.reached().counts()

        counts = await self._in_time("counts", read)
        return member.counted if counts is None else counts

    async def close(self) -> None:
        """Drop what is late."""
        late = tuple(one.asked for one in self._late.values())
        for asked in late:
            asked.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _in_time(self, what: Hashable, read: Callable[[], Coroutine[Any, Any, T]]) -> T | None:
        """Return the answer, None where it takes too long; it is shown when it comes, by reading again."""
        if self._member.manager is None:
            return None
        is_behind = any(not late.asked.done() for late in self._late.values())
        known = self._late.pop(what, None)
        late = known or _Late(asyncio.ensure_future(read()), self._newest.count)
        try:
            await asyncio.wait({late.asked}, timeout=BEHIND_S if is_behind else self._member.pace.page_s)
        except asyncio.CancelledError:
            late.asked.cancel()
            raise
        if not late.asked.done():
            self._wait_for(what, late)
            return None
        if known is not None:
            asyncio.get_running_loop().call_soon(self._repeat, known.begun)
        return _answer(late.asked)

    def _repeat(self, begun: int) -> None:
        """Tell once more what came since something was asked: the answer may be from before that."""
        later, since = self._newest.since(begun), self._member.unheard_since
        newest = {row.id: hosted(row, self.name, since) for changes in later for row in changes.rows}
        removed = dict.fromkeys(task_id for changes in later for task_id in changes.removed)
        if not self._newest.keeps(begun):
            self._screens.reread()
        elif newest or removed:
            self._screens.repeat(tuple(newest.values()), tuple(removed))

    def _wait_for(self, what: Hashable, late: _Late) -> None:
        self._late[what] = late
        late.asked.add_done_callback(partial(self._tell, what, late))
        while len(self._late) > _MOST:
            self._late.pop(next(iter(self._late))).asked.cancel()

    def _tell(self, what: Hashable, late: _Late, asked: asyncio.Future[Any]) -> None:
        if self._late.get(what) is not late:
            return
        if asked.cancelled() or asked.exception() is not None or self._member.manager is None:
            del self._late[what]
            return
        asyncio.get_running_loop().call_later(KEPT_S, self._forget, what, late)
        self._screens.reread()

    def _forget(self, what: Hashable, late: _Late) -> None:
        if self._late.get(what) is late:
            del self._late[what]


def _answer(asked: asyncio.Future[T]) -> T | None:
    """Return what was answered; a machine that fails is one of which only what is known is shown.

    Raises:
        InvalidError: the question itself is wrong.
    """
    try:
        return asked.result()
    except InvalidError:
        raise
    except (TasktuiError, asyncio.CancelledError):
        return None


def at_host(query: TaskQuery, name: str) -> TaskQuery | None:
    """Return the query as one machine is asked it, None where nothing of it can fit.

    `host:` names a machine of the list, or as within one machine the one that an agent of a task runs on.
    """
    terms = []
    for term in query.terms:
        if term.field != "host" or name not in term.values:
            terms.append(term)
        elif term.negated:
            return None
    return replace(query, terms=tuple(terms))
