"""The manager of one machine of a list, as the port: with a deadline, and the machine in what it answers."""

from __future__ import annotations

import asyncio
import inspect
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any, Final, cast

from tasktui.bootstrap.fleet.listing import stretch
from tasktui.bootstrap.fleet.member import Member
from tasktui.bootstrap.fleet.pages import Pages
from tasktui.bootstrap.fleet.whereabouts import rows_in
from tasktui.domain.errors import FencedError, OwnerError, UnreachableError
from tasktui.domain.hosted import located
from tasktui.domain.ports.manager import Manager
from tasktui.domain.query import Cursor, TaskQuery
from tasktui.domain.requests import Task, TaskDetail
from tasktui.domain.rows import Page, TaskRow

VERBS: Final[Mapping[str, inspect.Signature]] = {
    name: inspect.signature(verb)
    for name, verb in inspect.getmembers(Manager, inspect.isfunction)
    if name[0] != "_"
}
"""The port's verbs."""
OF_A_TASK: Final = frozenset(
    name for name, signature in VERBS.items() if "task_id" in list(signature.parameters)[1:2]
) - {"subscribe"}
"""Those that are about one task, which comes first."""
_STREAMS: Final = frozenset({"subscribe", "changes"})
_READING: Final = frozenset({"get", "detail", "timeline", "tools", "artifacts", "output"})
"""Those whose last answers are told again while the machine is away."""
MOST_TOLD: Final = 64
"""Answers of one machine that are kept for that."""
_UNHURRIED: Final = frozenset({"wait", "close", "run_gate", "restore"})
"""Those that may take as long as they take."""

_NOWHERE: Final = Cursor(None, 0)


class MemberPort:
    """The verbs of one machine; whoever asks is refused at once where there is no connection."""

    def __init__(self, member: Member, pages: Pages, learn: Callable[[str, object], None]) -> None:
        self._member = member
        self._pages = pages
        self._learn = learn
        self._told: OrderedDict[str, object] = OrderedDict()

    async def page(
        self, query: TaskQuery, *, after: Cursor | None = None, before: Cursor | None = None, skip: int = 0,
        limit: int = 64,
    ) -> Page[TaskRow]:  # fmt: skip
        """As `Manager.page`, of what is known where the machine does not answer."""
        name = self._member.name
        if (after or before or _NOWHERE).host == name:
            # a row of ours as all machines show it: its place by this machine's own order
            place = stretch(query, after, before, name)
            after, before = place.after, place.before
        page = await self._pages.page(query, after=after, before=before, skip=skip, limit=limit)
        self._learn(name, page)
        return page

    async def count(self, query: TaskQuery, *, limit: int = 10_000) -> int:
        """As `Manager.count`."""
        return await self._pages.count(query, limit)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in VERBS:
            raise AttributeError(f"not a method of the manager's port: {name}")
        hop = self._streaming(name) if name in _STREAMS else self._calling(name)
        setattr(self, name, hop)
        return hop

    def _calling(self, name: str) -> Callable[..., Any]:
        @wraps(getattr(Manager, name))
        async def call(*args: Any, **options: Any) -> Any:
            question = f"{name} {args} {options}"
            if name in _READING and self._member.manager is None and question in self._told:
                told = self._with_newest(self._told[question])
                return located(told, self._member.name, self._member.unheard_since)
            verb = getattr(self._member.reached(), name)
            answer = await (
                verb(*args, **options) if name in _UNHURRIED else self._in_time(name, verb(*args, **options))
            )
            self._member.answered()
            self._member.known.put(rows_in(answer))
            self._learn(self._member.name, answer)
            if name in _READING:
                self._remember(question, answer)
            return located(answer, self._member.name)

        return call

    def _with_newest(self, told: object) -> object:
        """Return what was told of a task with its row as last heard, which may be newer."""
        if isinstance(told, TaskDetail):
            return replace(told, task=cast("Task", self._with_newest(told.task)))
        row = self._member.known.get(told.row.id) if isinstance(told, Task) else None
        if isinstance(told, Task) and row is not None and row.last_seq > told.row.last_seq:
            return replace(told, row=row)
        return told

    def _remember(self, question: str, answer: object) -> None:
        """Keep what is told of tasks that somebody looks at: it is shown while their machine is away."""
        self._told[question] = answer
        self._told.move_to_end(question)
        while len(self._told) > MOST_TOLD:
            self._told.popitem(last=False)

    async def _in_time(self, name: str, asked: Any) -> Any:
        try:
            async with asyncio.timeout(self._member.pace.act_s) as deadline:
                return await asked
        except (FencedError, UnreachableError):
            raise
        except OwnerError as exc:
            exc.message = f"{self._member.name}: {exc.message}"
            exc.args = (exc.message,)
            raise
        except TimeoutError as exc:
            if not deadline.expired():
                raise
            raise OwnerError(
                f"{self._member.name} did not answer within {self._member.pace.act_s:g} s."
                f" Whether it took in what it was asked ({name}) is not known: look before you ask again.",
                host=self._member.name,
            ) from exc

    def _streaming(self, name: str) -> Callable[..., AsyncIterator[Any]]:
        @wraps(getattr(Manager, name))
        def stream(*args: Any, **options: Any) -> AsyncIterator[Any]:
            return cast("AsyncIterator[Any]", getattr(self._member.reached(), name)(*args, **options))

        return stream


def port_of(member: Member, pages: Pages, learn: Callable[[str, object], None]) -> Manager:
    """Return the manager of one machine."""
    return cast("Manager", MemberPort(member, pages, learn))
