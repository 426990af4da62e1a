"""A data directory of one's own, with a manager that runs the program's executors."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tasktui.bootstrap.headless import AlreadyOwnedError
from tasktui.bootstrap.house import CloseMode, House, acquire
from tasktui.bootstrap.tenancy import attached
from tasktui.config import Config
from tasktui.domain.ports.executor import Executor
from tasktui.domain.ports.manager import Manager
from tasktui.service.owner import OwnerLock


class Guest:
    """A data directory that another process owns, used over its socket."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.manager: Manager = attached(home)

    async def close(self, mode: CloseMode = "cancel") -> None:  # noqa: ARG002  # as a place's
        """Hang up; the owner and its tasks go on."""
        await self.manager.close()


class Place:
    """An owner of a data directory, on the running loop."""

    def __init__(self, house: House, lock: OwnerLock, *, passing: bool) -> None:
        self._house = house
        self._lock = lock
        self._passing = passing

    @classmethod
    async def open(
        cls,
        home: Path | None,
        executors: Mapping[str, Executor],
        *,
        lanes: Mapping[str, int] | None = None,
        cancel_grace_s: float = 5.0,
    ) -> Self:
        """Become the owner and start to run tasks.

        Args:
            home: the data directory; None for one that is deleted at the end.
            executors: of custom work, by name.
            lanes: how many tasks of a lane run at once.
            cancel_grace_s: between asking a task to stop and killing it.

        Raises:
            AlreadyOwnedError: another process owns the directory.
            StoreError: the database cannot be opened.
        """
        directory = Path(tempfile.mkdtemp(prefix="tasktui-")) if home is None else home.absolute()
        lock = acquire(directory)
        if lock is None:
            raise AlreadyOwnedError(f"Another process owns {directory} already.", home=str(directory))
        config = Config(home=directory, lanes=dict(lanes or {}), cancel_grace_s=cancel_grace_s)
        try:
            house = await House.open(config, lock, executors=executors)
        except BaseException:
            lock.release()
            raise
        return cls(house, lock, passing=home is None)

    @property
    def home(self) -> Path:
        """The data directory."""
        return self._lock.home

    @property
    def manager(self) -> Manager:
        """The manager, on the loop that opened it."""
        return self._house.manager

    async def close(self, mode: CloseMode = "cancel") -> None:
        """End: cancel what is queued and running, wait for it, or leave it to the next owner."""
        try:
            await self._house.close(mode)
        finally:
            self._lock.release()
            if self._passing:
                shutil.rmtree(self.home, ignore_errors=True)
