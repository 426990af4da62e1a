"""The manager of another machine's owner, over ssh."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tasktui import __version__

if TYPE_CHECKING:
    from tasktui.domain.hosts import Host
    from tasktui.service.client import RemoteManager


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
