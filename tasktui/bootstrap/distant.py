"""The manager of another machine's owner, over ssh, and the desk of a screen that shows that machine."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tasktui import __version__
from tasktui.bootstrap.bridge import LoopThread, bridged
from tasktui.domain.rows import Counts

if TYPE_CHECKING:
    from tasktui.domain.hosts import Host
    from tasktui.domain.ports.manager import Manager
    from tasktui.service.client import RemoteManager
    from tasktui.ui.first_page import FirstPage


def distant(host: Host, *, home: str | None = None, readonly: bool = False) -> RemoteManager:
    """Return the manager of a machine, to be used on one loop; it connects when it is first asked.

    While the machine cannot be reached, requests end in `UnreachableError`, whose message says why and what
    to do, and `changes` says it in `degraded`, with `lost`; the connection is sought until `close`.

    Args:
        host: the machine.
        home: the data directory there; its default when None.
        readonly: whether nothing may be changed; the owner there sees to it.
    """
    from tasktui.service.client import RemoteManager
    from tasktui.service.distant import Distant
    from tasktui.service.ssh import explain, stdio_argv

    argv = stdio_argv(host, home=home, readonly=readonly)
    return RemoteManager(Distant(argv, name=host.name, explain=partial(explain, host), version=__version__))


class DistantDesk:
    """Connects one screen to another machine: nothing is owned, started or left behind on this one."""

    owns = False

    def __init__(self, host: Host, *, home: str | None = None, readonly: bool = False) -> None:
        """Take the machine; see `distant`."""
        self._open = partial(distant, host, home=home, readonly=readonly)
        self._thread: LoopThread | None = None
        self._manager: RemoteManager | None = None

    def first_page(self) -> FirstPage:
        """Nothing is known before the machine answers."""
        from tasktui.ui.first_page import FirstPage

        return FirstPage(Counts(()), ())

    def unread(self) -> str | None:
        """There is nothing to tell of this machine."""
        return None

    def was_read(self) -> None:
        """There was nothing to read."""

    async def connect(self) -> Manager:
        """Return the manager once the machine answers; again after each loss.

        Raises:
            OwnerError: it does not.
        """
        # on a loop of its own: the connection lives on while the terminal does not read
        if self._thread is None or self._manager is None:
            self._thread, self._manager = LoopThread("distant"), self._open()
        await self._thread.call(self._manager.counts())
        return bridged(self._manager, self._thread)

    async def hang_up(self) -> None:
        """Close the connection; the work goes on."""
        thread, self._thread = self._thread, None
        if thread is not None and self._manager is not None:
            await thread.call(self._manager.close())
            thread.stop()
