"""The desk of a screen that shows several machines, with or without this one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from tasktui.bootstrap.bridge import LoopThread, bridged
from tasktui.bootstrap.fleet.fleet import Fleet
from tasktui.domain.hosted import HostState
from tasktui.domain.ports.manager import Manager
from tasktui.domain.rows import Counts

if TYPE_CHECKING:
    from tasktui.bootstrap.desk import Desk
    from tasktui.bootstrap.fleet.member import Connect
    from tasktui.bootstrap.house import CloseMode
    from tasktui.domain.hosts import Host
    from tasktui.ui.first_page import FirstPage

READY_S: Final = 0.7
"""How long the first listing waits for machines; who comes later is listed then."""


class FleetDesk:
    """Connects one screen to several machines; of this one, where it is among them, it may be the owner."""

    def __init__(
        self, hosts: Sequence[Host], near: Desk | None, *, home: str | None = None, readonly: bool = False
    ) -> None:
        """Take the machines.

        Args:
            hosts: in the order in which they are shown.
            near: connects to this machine, where it is one of them.
            home: the data directory on the others; their default when None.
            readonly: whether nothing may be changed.
        """
        self._near = near
        self._connects = {host: self._way_to(host, home, readonly=readonly) for host in hosts}
        self._thread: LoopThread | None = None
        self._fleet: Fleet | None = None

    def _way_to(self, host: Host, home: str | None, *, readonly: bool) -> Connect:
        if host.is_local and self._near is not None:
            return self._near.connect
        from tasktui.bootstrap.distant import distant

        async def connect() -> Manager:
            return distant(host, home=home, readonly=readonly)

        return connect

    @property
    def owns(self) -> bool:
        """Whether this process runs the tasks of this machine."""
        return self._near is not None and self._near.owns

    def first_page(self) -> FirstPage:
        """Read what the first frame shows: this machine's tasks, before the others answer."""
        from tasktui.ui.first_page import FirstPage

        return FirstPage(Counts(()), ()) if self._near is None else self._near.first_page()

    def unread(self) -> str | None:
        """Return what was done about a damaged database here, until somebody has read it."""
        return None if self._near is None else self._near.unread()

    def was_read(self) -> None:
        """Forget what was done."""
        if self._near is not None:
            self._near.was_read()

    async def connect(self) -> Manager:
        """Return the manager of all; each machine is connected to, and sought again, by itself."""
        if self._thread is None or self._fleet is None:
            # on a loop of its own: connections live on while the terminal does not read
            self._thread = LoopThread("machines")
            self._fleet = await self._thread.call(_opened(self._connects))
        return cast("Manager", BridgedFleet(self._fleet, self._thread))

    async def hang_up(self) -> None:
        """Close the connections; the work goes on everywhere."""
        thread, self._thread = self._thread, None
        if thread is not None and self._fleet is not None:
            await thread.call(self._fleet.close())
            thread.stop()

    async def leave(self, mode: CloseMode) -> bool:
        """As `Desk.leave`, for the work on this machine."""
        return False if self._near is None else await self._near.leave(mode)

    async def stay(self) -> None:
        """As `Desk.stay`."""
        if self._near is not None:
            await self._near.stay()


async def _opened(connects: dict[Host, Connect]) -> Fleet:
    fleet = Fleet(connects)
    await fleet.open(within_s=READY_S)
    return fleet


class BridgedFleet:
    """A fleet that lives on another loop, with what tells of its machines."""

    def __init__(self, fleet: Fleet, thread: LoopThread) -> None:
        self._fleet = fleet
        self._thread = thread
        self._verbs = bridged(fleet, thread)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return cast("Callable[..., Any]", getattr(self._verbs, name))

    def hosts(self) -> Sequence[HostState]:
        """As `ManyHosts.hosts`."""
        return self._fleet.hosts()

    def at(self, host: str) -> Manager:
        """As `ManyHosts.at`."""
        return bridged(self._fleet.at(host), self._thread)

    def host_of(self, task_id: str) -> str | None:
        """As `ManyHosts.host_of`."""
        return self._fleet.host_of(task_id)

    async def begins_in(self, host: str) -> str | None:
        """As `ManyHosts.begins_in`."""
        return await self._thread.call(self._fleet.begins_in(host))

    def try_again(self, host: str) -> None:
        """As `ManyHosts.try_again`."""
        self._thread.loop.call_soon_threadsafe(partial(self._fleet.try_again, host))
