"""The manager behind a screen that only looks: the owner's, by the door where nothing can be changed.

Where there is no owner none is started; what is stored is read, until there is one.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from tasktui.bootstrap.bridge import LoopThread, bridged
from tasktui.bootstrap.desk import Desk
from tasktui.bootstrap.logfile import begin_log
from tasktui.domain.errors import OwnerError

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager
    from tasktui.manager.manager import LocalManager

LOOK_S: Final = 1.0
"""How often it is looked whether there is an owner by now."""


class LookingDesk(Desk):
    """Connects one screen that changes nothing."""

    async def connect(self) -> Manager:
        """Return what can be looked at.

        Raises:
            TasktuiError: nothing can.
        """
        from tasktui.service.asking import answers  # brings http.client: not before the first frame

        home = self._config.home
        if not home.is_dir():
            raise OwnerError(f"There is nothing to look at: {home}.", home=str(home))
        begin_log(home)
        if await asyncio.to_thread(answers, home):
            from tasktui.service.client import RemoteManager
            from tasktui.service.reach import Nearby

            remote = RemoteManager(Nearby(home, readonly=True))
            self._difference = await remote.difference()
            return remote
        thread = LoopThread("looking")
        try:
            manager = await thread.call(self._opened())
        except BaseException:
            thread.stop()
            raise
        thread.post(self._until_owned(manager, thread))
        return bridged(manager, thread)

    async def _opened(self) -> LocalManager:
        from tasktui import __version__
        from tasktui.artifacts.files import FileArtifacts
        from tasktui.bootstrap.house import DATABASE
        from tasktui.executors.outputs import FileOutputs
        from tasktui.manager.clock import RandomIds, SystemClock
        from tasktui.manager.manager import LocalManager
        from tasktui.store.sqlite.watched import WatchedStore

        home, clock = self._config.home, SystemClock()
        manager = LocalManager(
            home=home, store=WatchedStore(home / DATABASE), executors={},
            artifacts=FileArtifacts(home, clock), outputs=FileOutputs(), clock=clock, ids=RandomIds(),
            version=__version__,
        )  # fmt: skip
        await manager.open()
        return manager

    async def _until_owned(self, manager: LocalManager, thread: LoopThread) -> None:
        """Read what is stored until an owner answers: its screen attaches then."""
        from tasktui.service.asking import answers

        while True:
            await asyncio.sleep(LOOK_S)
            if await asyncio.to_thread(answers, self._config.home):
                break
        await manager.close()
        # from a thread of its own, for this one cannot wait for itself
        asyncio.get_running_loop().run_in_executor(None, thread.stop)
