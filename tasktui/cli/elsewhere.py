"""`tasktui --host NAME COMMAND …`: the same command on that machine, as if it had been typed there."""

from __future__ import annotations

import os
import selectors
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Final

from tasktui.cli.capturing import LAST_WORDS_S
from tasktui.cli.outlet import STDERR, Outlet
from tasktui.domain.errors import UnreachableError
from tasktui.domain.hosts import Host

_SSH: Final = ("ssh", "-o", "RemoteCommand=none", "-o", "ClearAllForwardings=yes", "-o", "LogLevel=ERROR")
_TOLD: Final = "tasktui-runs-as"
"""What comes before the number of the process at the other end, on its standard error."""
_BEFORE_IT: Final = 65_536
"""What a login may print before that."""
_HANDED_ON: Final = 2
"""Times that Ctrl-C is handed on; who presses it once more hangs up."""
_INTERRUPTED: Final = 130
_TERMINATED: Final = 143
_STDOUT: Final = 1
_OF_SSH: Final = 255
"""What ssh returns when it is ssh that failed."""


def run_there(host: Host, words: Sequence[str]) -> int:
    """Run a command line of tasktui on another machine and return its exit code.

    With a terminal on both sides of it this process becomes ssh, and the terminal there is one too. Without,
    its output stays as it is, cleaned where it goes to a terminal, and Ctrl-C is handed on by a connection of
    its own, for ssh has no way to.

    Args:
        host: the machine.
        words: what comes after `tasktui`.

    Raises:
        UnreachableError: there is no ssh here.
    """
    if host.is_local:
        from tasktui.cli.main import call

        return call(list(words))
    try:
        if sys.stdin.isatty() and sys.stdout.isatty():
            argv = (*_SSH, "-t", "--", host.destination, f"{host.command} {shlex.join(words)}")
            os.execvp(argv[0], argv)  # noqa: S606  # a shell there is what the words are quoted for
        return _Errand(host).run(words)
    except FileNotFoundError as exc:
        raise UnreachableError(
            f"ssh is not installed here. Install OpenSSH's client to reach {host.name}.", host=host.name
        ) from exc


class _Errand:
    """One command that runs on another machine without a terminal."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._pid: str | None = None
        self._interrupts = 0
        self._own_code: int | None = None
        self._telling: list[subprocess.Popen[bytes]] = []
        self._ssh: subprocess.Popen[bytes]

    def run(self, words: Sequence[str]) -> int:
        """Run it to its end."""
        script = f'echo "{_TOLD} $$" >&2; exec {self._host.command} "$@"'
        command = f"exec {shlex.join(('sh', '-c', script, 'sh', *words))}"
        # ssh stays deaf to a Ctrl-C that is ignored when it starts
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        argv = (*_SSH, "-T", "--", self._host.destination, command)
        own = subprocess.PIPE if sys.stdout is not None and sys.stdout.isatty() else None
        self._ssh = subprocess.Popen(argv, stdout=own, stderr=subprocess.PIPE)
        signal.signal(signal.SIGINT, self._interrupt)
        signal.signal(signal.SIGTERM, self._terminate)
        self._relay()
        code = self._ssh.wait()
        for telling in self._telling:
            telling.wait()
        code = code if self._own_code is None else self._own_code
        return code if code >= 0 else _OF_SSH

    def _relay(self) -> None:
        """Pass on what it says, but for the number of its process: clean onto a terminal, raw into a pipe."""
        outlet, held = Outlet(), b""
        with selectors.DefaultSelector() as pipes:
            for pipe, stream in ((self._ssh.stdout, _STDOUT), (self._ssh.stderr, STDERR)):
                if pipe is not None:
                    pipes.register(pipe, selectors.EVENT_READ, stream)
            while pipes.get_map():
                ready = pipes.select(LAST_WORDS_S)
                if not ready and self._ssh.poll() is not None:
                    break
                for key, _ in ready:
                    if not (data := os.read(key.fd, 65_536)):
                        pipes.unregister(key.fileobj)
                    elif key.data == STDERR and self._pid is None:
                        held = self._passed_on(outlet, held + data)
                    else:
                        outlet.write(key.data, data)
                outlet.rest()
        outlet.write(STDERR, held)
        outlet.end()

    def _passed_on(self, outlet: Outlet, held: bytes) -> bytes:
        """Pass on what came with the number, and return what is held until it comes."""
        held = self._without_number(held)
        if self._pid is None and len(held) <= _BEFORE_IT:
            return held
        outlet.write(STDERR, held)
        return b""

    def _without_number(self, said: bytes) -> bytes:
        """Take out the line with the number, once it is whole."""
        before, told, rest = said.partition(_TOLD.encode())
        number, ended, after = rest.partition(b"\n")
        if not told or not ended:
            return said
        self._pid = number.strip().decode("ascii", "replace")
        return before + after

    def _interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        self._interrupts += 1
        if self._pid is None or not self._pid.isdigit() or self._interrupts > _HANDED_ON:
            self._hang_up(_INTERRUPTED)
            return
        argv = (*_SSH, "-T", "-o", "BatchMode=yes", "--", self._host.destination, f"kill -INT {self._pid}")
        quiet = subprocess.DEVNULL
        self._telling.append(
            subprocess.Popen(argv, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
        )

    def _terminate(self, _signal: int, _frame: FrameType | None) -> None:
        self._hang_up(_TERMINATED)

    def _hang_up(self, code: int) -> None:
        self._own_code = code
        self._ssh.terminate()
