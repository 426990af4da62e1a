"""The data directory of the night: asking whoever owns it, and what happens to owners."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from tasktui.domain.errors import OwnerError
from tasktui.service.asking import answers, call
from tasktui.service.owner import is_there, read_owner
from tasktui.service.starting import start_owner
from tests.faults.desks import end, gone, serve, until

PATIENCE_S = 90
"""Until an owner has to answer, with all that happens to them."""


def ask(home: Path, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Ask the owner, whoever that is by then; what is asked may be asked twice.

    Raises:
        TasktuiError: what it answers.
    """
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return call(home, method, path, body)
        except OwnerError:
            if time.monotonic() > deadline:
                raise
            with suppress(OwnerError):
                start_owner(home, wait_s=30)


def owner_process(home: Path) -> psutil.Process | None:
    """Return the process that owns the directory, if it lives."""
    info = read_owner(home)
    # the number of one that ended may be a stranger's by now
    with suppress(psutil.Error):
        if info is not None and is_there(home, info):
            return psutil.Process(info.pid)
    return None


class Mischief:
    """Kills, stops, ends and replaces owners at random until it is told to rest."""

    def __init__(self, home: Path, seed: int, pause_s: float) -> None:
        self.done: list[str] = []
        self._failure: BaseException | None = None
        self._started: list[subprocess.Popen[bytes]] = []
        self._thread = threading.Thread(target=self._run, name="mischief", daemon=True)
        self._home = home
        self._chance = random.Random(seed)
        self._pause_s = pause_s
        self._rest = threading.Event()

    def begin(self) -> None:
        """Do harm from now on."""
        self._thread.start()

    def _run(self) -> None:
        try:
            while not self._rest.wait(self._chance.expovariate(1 / self._pause_s)):
                harm = self._chance.choice((self._kill, self._kill, self._end, self._stop, self._replace))
                owner = owner_process(self._home)
                if owner is not None and owner.pid != os.getpid():
                    with suppress(psutil.Error):
                        harm(owner)
                        self.done.append(harm.__name__.strip("_"))
        except BaseException as failure:
            self._failure = failure
            raise

    def rest(self) -> None:
        """Do no more."""
        self._rest.set()
        self._thread.join(180)
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """End what it started."""
        for process in self._started:
            end(process)

    def _kill(self, owner: psutil.Process) -> None:
        owner.kill()

    def _end(self, owner: psutil.Process) -> None:
        owner.terminate()

    def _stop(self, owner: psutil.Process) -> None:
        owner.suspend()
        try:
            self._rest.wait(self._chance.uniform(0.1, 3))
        finally:
            owner.resume()

    def _replace(self, owner: psutil.Process) -> None:
        """Another takes over while it is stopped; when it goes on it owns nothing any more."""
        owner.suspend()
        fresh = serve(self._home, "--take-over", "--idle-exit", "60")
        self._started.append(fresh)
        try:
            until(lambda: fresh.poll() is not None or _owns(self._home, fresh.pid), 80, "the take-over")
        finally:
            owner.resume()
        if fresh.poll() is None:
            info = read_owner(self._home)
            assert info is not None
            assert info.pid != owner.pid, "the one that was replaced owns it again"


def _owns(home: Path, pid: int) -> bool:
    info = read_owner(home)
    return info is not None and info.pid == pid and answers(home)


def end_whoever_owns(home: Path) -> None:
    """End the owner in order, and see that none is left."""
    owner = owner_process(home)
    if owner is None:
        return
    owner.send_signal(signal.SIGCONT)
    owner.terminate()
    until(lambda: gone(owner), 60, "the owner ends")
