"""Which process runs the tasks of a data directory: its lock and its epoch. Standard library alone.

The lock is a `flock` on `owner.lock`, so it ends with its process, however that ends. What stands in the
file tells others where to knock. A process that takes over from one that does not answer puts a new file in
the place of the old: whoever holds the old file owns nothing any more, and the store refuses its older epoch.
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, NamedTuple, Self

from tasktui.domain import room
from tasktui.domain.errors import DiskFullError, FencedError
from tasktui.service.places import private_directory, socket_path
from tasktui.service.presence import has_open, is_stopped, runs

LOCK_NAME: Final = "owner.lock"
_TAKING_NAME: Final = "owner.taking"
_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class OwnerInfo:
    """What the owner wrote about itself; it may have died since."""

    pid: int
    epoch: int
    socket: str
    version: str = ""


def read_owner(home: Path) -> OwnerInfo | None:
    """Return what the last owner wrote, None when there is none or it has ended in order."""
    try:
        told = json.loads((home / LOCK_NAME).read_bytes())
        return OwnerInfo(
            int(told["pid"]), int(told["epoch"]), str(told["socket"]), str(told.get("version", ""))
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


class Former(NamedTuple):
    """Who had the lock when it was taken over."""

    pid: int
    lock: os.stat_result
    """Its own file: by then another is in its place."""

    def is_stopped(self) -> bool:
        """Whether it is stopped and still has its lock: a number alone may be another process's by now."""
        return is_stopped(self.pid) and has_open(self.pid, self.lock)


def stopped_owner(home: Path) -> OwnerInfo | None:
    """Return the owner if it is stopped and may go on; the number of one that ended may be another's."""
    info = read_owner(home)
    former = _former(home, info)
    return info if former is not None and former.is_stopped() else None


def is_there(home: Path, info: OwnerInfo) -> bool:
    """Whether the process that the file names has the lock; without /proc, whether there is such a one."""
    if not Path("/proc/self/fd").is_dir():
        return runs(info.pid)
    former = _former(home, info)
    return former is not None and has_open(former.pid, former.lock)


class OwnerLock:
    """The lock of a data directory, held until `release` or the end of this process."""

    def __init__(self, home: Path, fd: int, version: str) -> None:
        self.home = home
        self.socket = socket_path(home)
        """Where this owner listens."""
        self.epoch = 0
        """0 until the store has given one."""
        self.former: Former | None = None
        """Who held the lock that this one was put in the place of."""
        self._fd = fd
        self._version = version

    @classmethod
    def acquire(cls, home: Path, *, version: str = "", take_over: bool = False) -> Self | None:
        """Become the owner, or return None when another process is.

        Args:
            home: the data directory; made, for nobody but us, where it is missing.
            version: told to others.
            take_over: become it even though another process is, because that one does not answer. The caller
                must raise the store's epoch before anything else.

        Raises:
            RefusedError: the data directory is somebody else's or open to others.
        """
        home = home.absolute()
        private_directory(home)
        lock = cls._lock(home, version)
        return lock if lock or not take_over else cls._take_over(home, version)

    def announce(self, epoch: int) -> None:
        """Tell others the epoch that the store gave.

        Raises:
            FencedError: another process took over meanwhile.
        """
        self.epoch = epoch
        self._tell()
        self.ensure()

    def is_current(self) -> bool:
        """Whether no other process took over."""
        if self._fd < 0:
            return False
        try:
            return os.path.samestat(os.fstat(self._fd), (self.home / LOCK_NAME).stat())
        except FileNotFoundError:
            return False

    def ensure(self) -> None:
        """See that no other process took over.

        Raises:
            FencedError: one did; end without writing.
        """
        if not self.is_current():
            raise FencedError(f"Another process took over {self.home}. This one ends.", home=str(self.home))

    def release(self) -> None:
        """Stop being the owner; a second call does nothing."""
        if self._fd < 0:
            return
        if self.is_current():
            os.ftruncate(self._fd, 0)
        # a child that is just being started has the file open, too, until it is another program
        fcntl.flock(self._fd, fcntl.LOCK_UN)
        os.close(self._fd)
        self._fd = -1

    @classmethod
    def _lock(cls, home: Path, version: str) -> Self | None:
        while True:
            fd = os.open(home / LOCK_NAME, _FLAGS, 0o600)
            if not _locked(fd):
                os.close(fd)
                return None
            lock = cls(home, fd, version)
            if lock.is_current():
                lock._tell()
                return lock
            # somebody put another file in its place between our open and our lock
            os.close(fd)

    @classmethod
    def _take_over(cls, home: Path, version: str) -> Self | None:
        taking = os.open(home / _TAKING_NAME, _FLAGS, 0o600)
        try:
            return (cls._lock(home, version) or cls._replace(home, version)) if _locked(taking) else None
        finally:
            os.close(taking)

    @classmethod
    def _replace(cls, home: Path, version: str) -> Self:
        fresh = home / f"{LOCK_NAME}.{os.getpid()}"
        fresh.unlink(missing_ok=True)
        lock = cls(home, os.open(fresh, _FLAGS | os.O_EXCL, 0o600), version)
        fcntl.flock(lock._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        lock.former = _former(home, read_owner(home))
        lock._tell()
        fresh.replace(home / LOCK_NAME)
        return lock

    def _tell(self) -> None:
        info = OwnerInfo(os.getpid(), self.epoch, str(self.socket), self._version)
        text = json.dumps(asdict(info)).encode()
        # in place, for the lock is the file's; a reader of a half finds no JSON and asks again
        try:
            os.pwrite(self._fd, text, 0)
            os.ftruncate(self._fd, len(text))
        except OSError as exc:
            if room.is_full(exc):
                raise DiskFullError from exc
            raise


def _former(home: Path, info: OwnerInfo | None) -> Former | None:
    try:
        return Former(info.pid, (home / LOCK_NAME).stat()) if info is not None else None
    except FileNotFoundError:
        return None


def _locked(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
