"""Starts an owner in the background, once, however many ask for it. Standard library alone."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tasktui.descriptors import lowered
from tasktui.domain.errors import OwnerError
from tasktui.service.asking import answers, silent
from tasktui.service.owner import is_there, read_owner, stopped_owner
from tasktui.service.places import private_directory
from tasktui.service.presence import runs

WAIT_S: Final = 30.0
"""As long as a silent owner is waited for: on a busy machine it takes its time to load."""
_FIRST_PAUSE_S: Final = 0.01
_LONGEST_PAUSE_S: Final = 0.05


def serve_command(*, take_over: bool = False) -> Sequence[str]:
    """Return the command line of an owner without a screen that ends when nobody needs it."""
    own = (sys.executable, "-m", "tasktui", "serve", "--background")
    return (*own, "--take-over") if take_over else own


def start_owner(
    home: Path, *, command: Sequence[str] | None = None, wait_s: float = WAIT_S, take_over: bool = False
) -> None:
    """See that an owner answers: start one in a session of its own where none does, and wait for its socket.

    Args:
        home: the data directory, given to the owner as `TASKTUI_HOME`.
        command: what to start; `tasktui serve` when None.
        wait_s: how long the owner has to answer.
        take_over: it takes the place of one that is there but does not answer.

    Raises:
        OwnerError: it does not answer in that time, is stopped and will not, or the machine lets none start.
    """
    home = home.absolute()
    argv = command or serve_command(take_over=take_over)
    try:
        _start(home, argv, time.monotonic() + wait_s, take_over=take_over)
    except OSError as exc:
        raise OwnerError(
            f"No owner of {home} can be started: {exc.strerror or exc}"
            + (f" ({exc.filename})." if exc.filename else "."),
            home=str(home),
        ) from exc


def _start(home: Path, argv: Sequence[str], deadline: float, *, take_over: bool) -> None:
    private_directory(home)
    if answers(home):
        return
    if not take_over and (stopped := stopped_owner(home)) is not None:
        raise silent(stopped)
    with _alone(home, deadline):
        if answers(home):
            return
        attempt = _Attempt(home, argv)
        _until(attempt.has_led_to_one, deadline, home)


@contextmanager
def _alone(home: Path, deadline: float) -> Iterator[None]:
    fd = os.open(home / "owner.starting", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        _until(lambda: _locked(fd), deadline, home)
        yield
    finally:
        os.close(fd)


def _locked(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _until(reached: Callable[[], bool], deadline: float, home: Path) -> None:
    pause = _FIRST_PAUSE_S
    while not reached():
        if time.monotonic() > deadline:
            raise OwnerError(
                f"No owner for {home} answered in time: tasktui serve --take-over replaces one that hangs. "
                f"Its log is {_log(home)}.",
                home=str(home),
            )
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_S)


class _Attempt:
    """An owner that was started, and is started again where it met one that was just ending."""

    def __init__(self, home: Path, command: Sequence[str]) -> None:
        self._home = home
        self._command = command
        self._pid = _spawn(home, command)

    def has_led_to_one(self) -> bool:
        """Whether an owner answers; one that found another ends well, and that other may be ending, too.

        Raises:
            OwnerError: it ended in error.
        """
        if answers(self._home):
            return True
        if self._has_ended() and not _is_owned(self._home):
            self._pid = _spawn(self._home, self._command)
        return False

    def _has_ended(self) -> bool:
        try:
            ended, status = os.waitpid(self._pid, os.WNOHANG)
        except ChildProcessError:  # collected already
            return not runs(self._pid)
        code = os.waitstatus_to_exitcode(status) if ended else 0
        if code:
            raise OwnerError(
                f"The owner for {self._home} could not start: it ended with code {code}. "
                f"Its log is {_log(self._home)}.",
                home=str(self._home),
                exit_code=code,
            )
        return bool(ended)


def _is_owned(home: Path) -> bool:
    info = read_owner(home)
    return info is not None and is_there(home, info)


def _log(home: Path) -> Path:
    return home / "log" / "tasktui.log"


def _spawn(home: Path, command: Sequence[str]) -> int:
    private_directory(home / "log")
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    argv = lowered(command)
    return os.posix_spawn(
        argv[0],
        tuple(argv),
        os.environ | {"TASKTUI_HOME": str(home)},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(_log(home)), append, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
        setsigmask=(),
        setsigdef=(signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGPIPE),
    )
