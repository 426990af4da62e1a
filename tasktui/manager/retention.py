"""Deletes what is old enough: now and then, a bounded number at a time, only what has ended."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from tasktui.domain.errors import TasktuiError
from tasktui.manager import endings

if TYPE_CHECKING:
    from tasktui.manager.core import Core

EVERY_S: Final = 3_600.0
"""Between two sweeps, which only the end of a task begins: an idle manager sleeps."""
AT_ONCE: Final = 200
ROUNDS: Final = 50
"""A sweep deletes at most this many times `AT_ONCE`; the next one goes on."""

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
        """Delete what may go; return how many tasks that were."""
        core = self._core
        before = core.clock.now() - round(core.limits.keep_s * 1000)
        gone = 0
        for _ in range(ROUNDS):
            ids = await core.store.expired(finished_before=before, keep=core.limits.keep_tasks, limit=AT_ONCE)
            deleted = await endings.purge(core, ids, by="manager:retention") if ids else 0
            gone += deleted
            if not deleted:
                break
        return gone

    async def _sweep_quietly(self) -> None:
        try:
            await self.sweep()
        except TasktuiError as exc:
            log.warning("old tasks were not deleted: %s", exc)
