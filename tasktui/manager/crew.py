"""Owns the manager's asyncio tasks: each is awaited in the end, and none takes its siblings along."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)


class Crew:
    """Tasks that come and go while the manager is open."""

    def __init__(self) -> None:
        self._members: set[asyncio.Task[Any]] = set()
        self._unbroken: set[asyncio.Task[Any]] = set()
        """Those that are not canceled when all is closed, only waited for."""

    def start(
        self, work: Coroutine[Any, Any, Any], *, name: str, unbroken: bool = False
    ) -> asyncio.Task[Any]:
        """Begin something; what it raises is logged. `unbroken`: it goes to its end while all is closed."""
        member = asyncio.get_running_loop().create_task(work, name=name)
        if unbroken:
            self._unbroken.add(member)
        self.adopt(member)
        return member

    async def whole(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something to its end, even when the caller stops waiting for it."""
        return await self._shielded(asyncio.get_running_loop().create_task(work))

    async def unbroken(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something as `whole` does, and to its end also while all is closed: half of it would stay."""
        member = asyncio.get_running_loop().create_task(work)
        self._unbroken.add(member)
        return await self._shielded(member)

    async def _shielded(self, member: asyncio.Task[T]) -> T:
        self._members.add(member)
        member.add_done_callback(self._quietly_left)
        return await asyncio.shield(member)

    def adopt(self, member: asyncio.Task[Any]) -> None:
        """Take over a task that its maker gave up."""
        self._members.add(member)
        member.add_done_callback(self._left)

    async def close(self, *, timeout_s: float) -> int:
        """Cancel what still runs but what must not be broken off; return how many did not end in time."""
        members = self._members - {asyncio.current_task()}
        for member in members - self._unbroken:
            member.cancel()
        if not members:
            return 0
        _, pending = await asyncio.wait(members, timeout=timeout_s)
        return len(pending)

    def _quietly_left(self, member: asyncio.Task[Any]) -> None:
        self._members.discard(member)
        self._unbroken.discard(member)
        if not member.cancelled():
            member.exception()

    def _left(self, member: asyncio.Task[Any]) -> None:
        self._members.discard(member)
        self._unbroken.discard(member)
        if not member.cancelled() and (error := member.exception()) is not None:
            log.error("%s failed", member.get_name(), exc_info=error)
