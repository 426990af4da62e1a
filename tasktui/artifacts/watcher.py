"""Watches the directories of live tasks: events are hints, a bounded rescan is the truth.

watchfiles goes silent when its root is deleted and made again, follows links out of it, and misses a write
made right after it starts. So every hint is looked at again by `lstat`, roots are checked by inode every two
seconds while there are any, and each watch begins and ends with a scan.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Final

import watchfiles
from watchfiles import Change
from watchfiles._rust_notify import WatchfilesRustInternalError

from tasktui.artifacts import index
from tasktui.artifacts.watched import Watched
from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskWarning

SETTLE_S: Final = 0.25
"""Between a change of what is watched and the new watch: tasks that end sooner cost none."""
CHECK_S: Final = 2.0
"""Between two looks at the roots' inodes."""
STEP_MS: Final = 10
DEBOUNCE_MS: Final = 100

_POLLING: Final = "The system has no directory watches left: files are looked for once a second."

log = logging.getLogger(__name__)
Hints = AsyncIterator[set[tuple[Change, str]]]
Armed = Mapping[bytes, list[tuple[str, Watched]]]


class Watcher:
    """One watch over all roots of all live tasks, made again when they change."""

    def __init__(self) -> None:
        self._roots: dict[str, list[Watched]] = {}
        self._emits: dict[str, Callable[[Data], None]] = {}
        self._scanning = asyncio.Lock()
        self._changed = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self.polling = False
        """Whether the system's watches ran out, so that directories are polled."""

    def add(self, task_id: str, roots: Iterable[Watched], emit: Callable[[Data], None]) -> None:
        """Begin to watch; the first scan comes with the next arming."""
        self._roots[task_id] = list(roots)
        self._emits[task_id] = emit
        self._changed.set()
        if self._loop is None:
            self._loop = asyncio.get_running_loop().create_task(self._run(), name="artifacts watcher")

    def own(self, task_id: str) -> Watched | None:
        """Return the task's own directory, when it is watched."""
        return next((one for one in self._roots.get(task_id, ()) if one.prefix), None)

    async def remove(self, task_id: str) -> None:
        """Look once more, report, and stop watching for a task."""
        roots = self._roots.get(task_id)
        if roots is None:
            return
        await self._rescan({task_id: roots})
        for watched in roots:
            watched.disarm()
        del self._roots[task_id], self._emits[task_id]
        self._changed.set()

    async def close(self) -> None:
        """Stop."""
        if self._loop is not None:
            self._loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._loop
            self._loop = None
        for watched in [one for several in self._roots.values() for one in several]:
            watched.disarm()

    async def _run(self) -> None:
        while True:
            await self._changed.wait()
            await asyncio.sleep(SETTLE_S)
            self._changed.clear()
            if self._roots:
                await self._watch_once()

    async def _watch_once(self) -> None:
        """Watch the present roots until they change."""
        armed: dict[bytes, list[tuple[str, Watched]]] = {}
        for task_id, roots in self._roots.items():
            for watched in roots:
                if watched.arm():
                    armed.setdefault(os.path.realpath(watched.root), []).append((task_id, watched))
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._until_stale(stop))
            if armed:
                group.create_task(self._follow(armed, stop))
            # the watch begins in that task's first step: what comes behind the scan has a hint then
            await asyncio.sleep(0)
            await self._rescan(dict(self._roots))

    async def _until_stale(self, stop: asyncio.Event) -> None:
        """Set `stop` when the roots are others, were deleted or made again."""
        while not self._changed.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CHECK_S):
                    await self._changed.wait()
            present = [one for several in self._roots.values() for one in several]
            if any(one.stale for one in present):
                self._changed.set()
        stop.set()

    async def _follow(self, armed: Armed, stop: asyncio.Event) -> None:
        try:
            await self._take(armed, self._hints(armed, stop, polling=self.polling))
        except (OSError, WatchfilesRustInternalError) as exc:
            log.warning("the system's directory watches ran out, polling instead: %s", exc)
            if not self.polling:
                self.polling = True
                for emit in self._emits.values():
                    emit(TaskWarning(message=f"{_POLLING} ({exc})", code="watch_polling"))
            self._changed.set()

    def _hints(self, armed: Armed, stop: asyncio.Event, *, polling: bool) -> Hints:
        return watchfiles.awatch(
            *(os.fsdecode(root) for root in armed), stop_event=stop, step=STEP_MS, debounce=DEBOUNCE_MS,
            watch_filter=None, force_polling=polling, ignore_permission_denied=True, recursive=True,
        )  # fmt: skip

    async def _take(self, armed: Armed, hints: Hints) -> None:
        async for changes in hints:
            async with self._scanning:
                for path in {os.fsencode(path) for _, path in changes}:
                    self._look(armed, path)

    def _look(self, armed: Armed, path: bytes) -> None:
        for root, several in armed.items():
            if not path.startswith(root + b"/"):
                continue
            below = path[len(root) + 1 :]
            for task_id, watched in several:
                is_directory = index.is_directory(watched.root, below)
                self._report(task_id, watched.rescan() if is_directory else watched.touched(below))

    async def _rescan(self, roots: Mapping[str, list[Watched]]) -> None:
        async with self._scanning:
            for task_id, several in roots.items():
                for watched in several:
                    # a task's own directory is small; another may hold anything
                    facts = watched.rescan() if watched.prefix else await asyncio.to_thread(watched.rescan)
                    self._report(task_id, facts)

    def _report(self, task_id: str, facts: list[Data]) -> None:
        emit = self._emits.get(task_id)
        if emit is not None:
            for fact in facts:
                emit(fact)
