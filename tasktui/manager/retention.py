"""Deletes what is old enough or too much: now and then, a bounded number at a time, only what has ended."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tasktui.domain.errors import TasktuiError
from tasktui.manager import endings, footprint

if TYPE_CHECKING:
    from tasktui.manager.core import Core

EVERY_S: Final = 3_600.0
"""Between two sweeps, which only the end of a task begins: an idle manager sleeps."""
AT_ONCE: Final = 200
ROUNDS: Final = 50
"""A sweep deletes at most this many times `AT_ONCE`; the next one goes on."""
_ANY: Final = 1 << 62
"""A number of tasks that is never reached."""

log = logging.getLogger(__name__)


class Retention:
    """Knows when the last sweep was."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._last: float | None = None

    def consider(self) -> None:
        """Begin a sweep in the background when the last one is long enough ago."""
        now = self._core.clock.monotonic()
        if self._last is None or now - self._last >= EVERY_S:
            self._last = now
            self._core.crew.start(self._sweep_quietly(), name="retention")

    async def sweep(self) -> int:
        """Delete what may go; return how many tasks that were.

        First what is too old or one too many, then the oldest until the files of tasks take no more than they
        may. Results that somebody still has to acknowledge stay, however old they are and whatever they take.
        """
        core = self._core
        before = core.clock.now() - round(core.limits.keep_s * 1000)
        gone = 0
        for _ in range(ROUNDS):
            ids = await core.store.expired(finished_before=before, keep=core.limits.keep_tasks, limit=AT_ONCE)
            deleted = await self._purge(ids)
            gone += deleted
            if not deleted:
                break
        return gone + (await self._shrink() if core.limits.keep_bytes else 0)

    async def _shrink(self) -> int:
        """Delete the oldest tasks until the files of all take no more than they may."""
        core = self._core
        sizes = await footprint.sizes(core.home)
        excess = sum(sizes.values()) - core.limits.keep_bytes
        gone = 0
        for _ in range(ROUNDS):
            if excess <= 0:
                break
            ids = await core.store.expired(finished_before=core.clock.now(), keep=_ANY, limit=AT_ONCE)
            chosen = _until(ids, sizes, excess)
            deleted = await self._purge(chosen)
            excess -= sum(sizes.get(task_id, 0) for task_id in chosen)
            gone += deleted
            if not deleted:
                break
        return gone

    async def _purge(self, ids: Sequence[str]) -> int:
        return await endings.purge(self._core, ids, by="manager:retention") if ids else 0

    async def _sweep_quietly(self) -> None:
        try:
            await self.sweep()
        except TasktuiError as exc:
            log.warning("old tasks were not deleted: %s", exc)


def _until(ids: Sequence[str], sizes: dict[str, int], excess: int) -> list[str]:
    """Return as many of the first ones as free so many bytes."""
    chosen: list[str] = []
    for task_id in ids:
        if excess <= 0:
            break
        chosen.append(task_id)
        excess -= sizes.get(task_id, 0)
    return chosen
