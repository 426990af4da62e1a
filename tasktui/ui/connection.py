"""Keeps the screen connected to a manager: connects, follows its changes, and connects again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, Protocol

from tasktui.domain.errors import FencedError, TasktuiError

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.requests import ChangeSet, Interest

AGAIN_S: Final = 0.5
"""Between two attempts to connect."""


class Follower(Protocol):
    """Who wants to know."""

    def connected(self, manager: Manager, interest: Interest) -> None:
        """The manager answers; `interest` says what to follow and may be changed."""
        ...

    def changed(self, changes: ChangeSet) -> None:
        """Something changed."""
        ...

    def found_again(self, manager: Manager) -> None:
        """After a while without an owner there is one, perhaps another."""
        ...

    def disconnected(self, why: str) -> None:
        """The manager does not answer; it is tried again."""
        ...


async def stay_connected(connect: Callable[[], Awaitable[Manager]], follower: Follower) -> None:
    """Connect and follow until cancelled, or until another owner has taken over."""
    interest: Interest | None = None
    while True:
        try:
            manager = await connect()
            interest = interest or _interest()
            follower.connected(manager, interest)
            await _follow(manager, interest, follower)
        except FencedError as error:
            follower.disconnected(f"{error.message} Quit and start again to see it.")
            return
        except TasktuiError as error:
            follower.disconnected(f"{error.message} Trying again…")
        else:
            follower.disconnected("The tasks' owner has gone. Looking for the next one…")
        await asyncio.sleep(AGAIN_S)


async def _follow(manager: Manager, interest: Interest, follower: Follower) -> None:
    lost = False
    async for changes in manager.changes(interest):
        follower.changed(changes)
        if lost and not changes.lost:
            follower.found_again(manager)
        lost = changes.lost


def _interest() -> Interest:
    from tasktui.domain.requests import Interest

    return Interest(min_interval_s=0.1)
