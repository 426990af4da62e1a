"""The manager of another machine's owner, over ssh, and the desk of a screen that shows that machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tasktui import __version__
from tasktui.bootstrap.bridge import LoopThread, bridged
from tasktui.bootstrap.logfile import begin_log
from tasktui.domain.rows import Counts
from tasktui.service.client import RemoteManager
from tasktui.service.distant import Distant
from tasktui.service.places import private_directory
from tasktui.service.ssh import explain, stdio_argv

if TYPE_CHECKING:
    from tasktui.domain.hosts import Host
    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.requests import Task
    from tasktui.domain.spec import TaskSpec
    from tasktui.ui.first_page import FirstPage


class DistantManager(RemoteManager):
    """The manager of another machine, as a person here uses it.

    Tasks get the environment of a login there. What is given as one is this process's own with changes: the
    changes go along, the rest, which means nothing there and may be secret, does not.
    """

    def __init__(self, way: Distant) -> None:
        super().__init__(way)
        self._way = way

    async def submit(
        self, spec: TaskSpec, *, env: Mapping[str, str] | None = None, task_id: str | None = None
    ) -> Task:
        """Queue a task."""
        return await super().submit(spec, env=await self._env(env), task_id=task_id)

    async def retry(
        self, task_id: str, *, spec: TaskSpec | None = None, env: Mapping[str, str] | None = None
    ) -> Task:
        """Make a new task of a finished one."""
        return await super().retry(task_id, spec=spec, env=await self._env(env))

    async def begins_in(self) -> str | None:
        """Return the directory in which a login there begins.

        Raises:
            OwnerError: the machine cannot be reached.
        """
        login = await self._way.login()
        return login.cwd if login else None

    async def _env(self, given: Mapping[str, str] | None) -> Mapping[str, str] | None:
        login = await self._way.login()
        changes = {name: value for name, value in (given or {}).items() if os.environ.get(name) != value}
        return {**login.env, **changes} if login else given and changes


def distant(host: Host, *, home: str | None = None, readonly: bool = False) -> DistantManager:
    """Return the manager of a machine, to be used on one loop; it connects when it is first asked.

    While the machine cannot be reached, requests end in `UnreachableError`, whose message says why and what
    to do, and `changes` says it in `degraded`, with `lost`; the connection is sought until `close`.

    Args:
        host: the machine.
        home: the data directory there; its default when None.
        readonly: whether nothing may be changed; the owner there sees to it.
    """
    argv = stdio_argv(host, home=home, readonly=readonly)
    way = Distant(argv, name=host.name, explain=partial(explain, host), version=__version__)
    return DistantManager(way)


class DistantDesk:
    """Connects one screen to another machine: nothing is owned, started or left behind on this one."""

    owns = False

    def __init__(self, host: Host, here: Path, *, home: str | None = None, readonly: bool = False) -> None:
        """Take the machine, see `distant`; and the data directory of this one, for the screen's own log."""
        self.where = host.name
        """What the person calls that machine."""
        self._here = here
        self._open = partial(distant, host, home=home, readonly=readonly)
        self._thread: LoopThread | None = None
        self._manager: DistantManager | None = None
        self._difference: str | None = None
        self.begins_in: str | None = None
        """The directory in which a login there begins, once that is known."""

    def first_page(self) -> FirstPage:
        """Nothing is known before the machine answers."""
        from tasktui.ui.first_page import FirstPage

        return FirstPage(Counts(()), ())

    def unread(self) -> str | None:
        """Return how the owner there differs in its version, until somebody has read it."""
        return self._difference

    def was_read(self) -> None:
        """Forget it."""
        self._difference = None

    async def connect(self) -> Manager:
        """Return the manager once the machine answers; again after each loss.

        Raises:
            OwnerError: it does not.
        """
        private_directory(self._here)
        begin_log(self._here)
        # on a loop of its own: the connection lives on while the terminal does not read
        if self._thread is None or self._manager is None:
            self._thread, self._manager = LoopThread("distant"), self._open()
        await self._thread.call(self._manager.counts())
        self._difference = await self._thread.call(self._manager.difference())
        self.begins_in = await self._thread.call(self._manager.begins_in())
        return bridged(self._manager, self._thread)

    async def hang_up(self) -> None:
        """Close the connection; the work goes on."""
        thread, self._thread = self._thread, None
        if thread is not None and self._manager is not None:
            await thread.call(self._manager.close())
            thread.stop()
