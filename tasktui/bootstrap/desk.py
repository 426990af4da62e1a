"""The manager behind a screen: this process's own where it can be the owner, else that of the owner."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from functools import cached_property
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Final

from tasktui.bootstrap.bridge import LoopThread, bridged
from tasktui.descriptors import raise_limit
from tasktui.service.places import private_directory

if TYPE_CHECKING:
    from tasktui.bootstrap.house import CloseMode, House
    from tasktui.config import Config
    from tasktui.domain.ports.manager import Manager
    from tasktui.service.owner import OwnerLock
    from tasktui.service.reviving import Reviver
    from tasktui.ui.first_page import FirstPage


LOOK_S: Final = 1.0
"""How often an owner that lost its terminal looks whether its work is done."""


class Desk:
    """Connects one screen; it becomes the owner at its first connection or never."""

    def __init__(self, config: Config, *, attach_only: bool = False) -> None:
        self._config = config
        self._attach_only = attach_only
        self._thread: LoopThread | None = None
        self._house: House | None = None
        self._lock: OwnerLock | None = None
        self._difference: str | None = None

    @property
    def owns(self) -> bool:
        """Whether this process runs the tasks."""
        return self._house is not None

    def first_page(self) -> FirstPage:
        """Read what the first frame shows, without an owner."""
        from tasktui.bootstrap.first import read_first_page

        return read_first_page(self._config.home, lines=get_terminal_size().lines)

    def unread(self) -> str | None:
        """Return what was done about a damaged database, or how the owner differs, until somebody read it."""
        from tasktui.bootstrap.repairs import unread_repair

        repaired = unread_repair(self._config.home)
        return repaired.sentence if repaired is not None else self._difference

    def was_read(self) -> None:
        """Forget it."""
        from tasktui.bootstrap.repairs import repair_was_read

        repair_was_read(self._config.home)
        self._difference = None

    async def connect(self) -> Manager:
        """Return a manager: the own one, or one attached to the owner, which is started where none is.

        Raises:
            OwnerError: no owner answers.
            StoreError: the database cannot be opened.
        """
        from tasktui.bootstrap.logfile import begin_log

        private_directory(self._config.home)
        begin_log(self._config.home)
        if not self._attach_only:
            self._attach_only = True
            owned = await self._own()
            if owned is not None:
                return owned
        await self._start_another()
        return await self._attached()

    async def _own(self) -> Manager | None:
        from tasktui.bootstrap.house import House, acquire

        lock = acquire(self._config.home)
        if lock is None:
            return None
        raise_limit()
        thread = LoopThread("manager")
        try:
            house = await thread.call(House.open(self._config, lock))
        except BaseException:
            lock.release()
            thread.stop()
            raise
        self._lock, self._thread, self._house = lock, thread, house
        thread.post(house.listen())
        thread.post(self._let_go_when_fenced(house))
        return bridged(house.manager, thread)

    async def _let_go_when_fenced(self, house: House) -> None:
        """Close the own manager once another process took over: the screen then attaches to that one."""
        await house.fenced.wait()
        self._house = None
        await house.close("detach")

    async def _start_another(self) -> None:
        """Have an owner in the background."""
        await asyncio.to_thread(self._reviver)

    @cached_property
    def _reviver(self) -> Reviver:
        from tasktui.service.reviving import Reviver  # brings http.client: not before the first frame

        return Reviver(self._config.home)

    async def _attached(self) -> Manager:
        from tasktui.service.client import RemoteManager

        remote = RemoteManager(self._config.home, revive=self._reviver)
        self._difference = await remote.difference()
        return remote

    async def leave(self, mode: CloseMode) -> bool:
        """End the own manager; return whether an owner in the background went on with the work.

        Args:
            mode: what becomes of the work. `detach` hands it to an owner without a screen.
        """
        if self._house is None or self._thread is None or self._lock is None:
            return False
        house = self._house
        try:
            await self._thread.call(house.close(mode))
        finally:
            self._house = None
            self._thread.stop()
            self._lock.release()
        if mode == "detach" and house.left_work:
            await self._start_another()
            return True
        return False

    async def stay(self) -> None:
        """Go on without a screen in this process until the work is done, or hand it over on SIGTERM."""
        if self._house is None or self._thread is None:
            return
        house, thread = self._house, self._thread
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        while not house.fenced.is_set() and not stop.is_set():  # the first event is of another loop
            if not await thread.call(house.manager.busy()):
                break
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await stop.wait()
        await self.leave("detach")
