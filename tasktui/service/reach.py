"""How a link reaches an owner: what differs between one on this machine and one on another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

import httpx

from tasktui.domain.errors import OwnerError
from tasktui.service.asking import PATIENCE_S, absent, hangs, silent
from tasktui.service.owner import is_there, read_owner, stopped_owner
from tasktui.service.places import check_private, readonly_path, socket_path
from tasktui.service.presence import REPLACED_AFTER_S, stands_still

SEEK_S: Final = 10.0
"""For how long a stream looks for an owner of this machine before it gives up."""


class Reach(Protocol):
    """A way to an owner."""

    patience_s: float
    """Silence after which the owner is asked whether it is there at all, and how long it has to say so."""
    seek_s: float | None
    """For how long a stream looks for the owner before it gives up; None: for ever."""

    def transport(self, limits: httpx.Limits) -> httpx.AsyncBaseTransport:
        """Return what carries requests."""
        ...

    async def revive(self) -> None:
        """See to it that somebody answers, where that can be done from here.

        Raises:
            OwnerError: it cannot, and its message says why.
        """
        ...

    def nobody(self) -> OwnerError:
        """Return the error that says why nobody answers."""
        ...

    def lost(self) -> str:
        """Return what a screen is told while the owner is sought."""
        ...

    def hangs(self, silent_s: float) -> bool:
        """Whether an owner that said nothing for so long will not."""
        ...

    def watch(self) -> Callable[[], bool]:
        """Return what tells, quickly, whether nothing more will come from who is the owner now."""
        ...

    async def close(self) -> None:
        """Hang up."""
        ...


class Nearby:
    """The owner of a data directory of this machine, by its socket, whoever that is by now."""

    patience_s: float = PATIENCE_S
    seek_s: float | None = SEEK_S

    def __init__(
        self, home: Path, *, revive: Callable[[], None] | None = None, readonly: bool = False
    ) -> None:
        """Take where the owner is.

        Args:
            home: the data directory.
            revive: starts an owner where none is; it may block.
            readonly: come by the socket on which nothing can be changed.
        """
        self._home = home
        self._revive = revive
        self._readonly = readonly

    def transport(self, limits: httpx.Limits) -> httpx.AsyncBaseTransport:
        """Return what carries requests to the socket.

        Raises:
            RefusedError: the directory of the socket is not ours alone.
        """
        info = read_owner(self._home)
        path = Path(info.socket) if info else socket_path(self._home)
        with suppress(FileNotFoundError):
            check_private(path.parent)
        path = readonly_path(path) if self._readonly else path
        return httpx.AsyncHTTPTransport(uds=str(path), limits=limits)

    async def revive(self) -> None:
        """Have an owner started, where that was given to us to do.

        Raises:
            OwnerError: it was not, or none could be started.
        """
        if self._revive is None:
            raise self.nobody()
        await asyncio.to_thread(self._revive)

    def nobody(self) -> OwnerError:
        """Return the error that says why nobody answers."""
        info = read_owner(self._home)
        return silent(info) if info and is_there(self._home, info) else absent(self._home)

    def lost(self) -> str:
        """Return what a screen is told while the owner is sought."""
        info = stopped_owner(self._home)
        if info is None:
            return "the owner does not answer; looking for it"
        told = f"the owner, process {info.pid}, is stopped; `kill -CONT {info.pid}` lets it go on"
        if self._revive is None:
            return told
        return f"{told}, else another takes over after {REPLACED_AFTER_S:.0f} s"

    def hangs(self, silent_s: float) -> bool:
        """Whether the owner has gone, stands still, or has been silent for too long."""
        info = read_owner(self._home)
        return info is None or hangs(info, silent_s)

    def watch(self) -> Callable[[], bool]:
        """Return what tells whether the owner of this moment has gone, stands still or was replaced."""
        then = read_owner(self._home)

        def is_over() -> bool:
            now = read_owner(self._home)
            return then is not None and (stands_still(then.pid) or (now is not None and now.pid != then.pid))

        return is_over

    async def close(self) -> None:
        """Nothing is held open."""
