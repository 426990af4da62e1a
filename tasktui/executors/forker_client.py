"""The owner's end of the warm process that shims are forked from."""

from __future__ import annotations

import array
import asyncio
import os
import socket
import subprocess
import sys
from collections import deque
from pathlib import Path

from tasktui.descriptors import lowered
from tasktui.executors.fd_ready import writable
from tasktui.executors.launch import LaunchError
from tasktui.executors.shim import forker

START = Path(forker.__file__).with_name("__main__.py")
LOG = Path("log", "shim.log")
INLINE_BYTES = 60_000
"""Longer requests (a big environment) go in an anonymous file."""
END_S = 2.0


class ForkerGoneError(LaunchError):
    """The warm process that starts supervisors has ended."""

    code = "FORKER_GONE"


class ForkerClient:
    """One warm process; requests are answered in their order."""

    def __init__(self, sock: socket.socket, process: subprocess.Popen[bytes]) -> None:
        self._sock, self._process = sock, process
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[asyncio.Future[int]] = deque()
        self._sending = asyncio.Lock()
        self.gone = False
        """It has ended, or was closed."""
        self._loop.add_reader(sock, self._on_answer)

    @classmethod
    async def start(cls, home: Path) -> ForkerClient:
        """Start the warm process; what goes wrong in shims is written to ``log/shim.log``."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        with theirs:
            process = await asyncio.to_thread(_spawn, home / LOG, theirs)
        return cls(ours, process)

    async def fork(self, request: bytes, lock: int) -> int:
        """Fork a shim that takes over ``lock``; returns its process id.

        Raises:
            ForkerGoneError: before it answered; whether a shim exists shows in the lock.
            LaunchError: the machine refused another process.
        """
        answer: asyncio.Future[int] = self._loop.create_future()
        async with self._sending:
            await self._send(request, lock)
            self._waiting.append(answer)
        return await answer

    async def _send(self, request: bytes, lock: int) -> None:
        fds = [lock]
        try:
            if len(request) > INLINE_BYTES:
                fds.append(_in_file(request))
                request = forker.EMPTY
            await self._send_packet(request, array.array("i", fds))
        finally:
            for fd in fds[1:]:
                os.close(fd)

    async def _send_packet(self, request: bytes, fds: array.array[int]) -> None:
        while True:
            try:
                self._sock.sendmsg([request], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
            except BlockingIOError:
                await writable(self._sock.fileno())
            except OSError as error:
                self._end()
                raise ForkerGoneError from error
            else:
                return

    def _on_answer(self) -> None:
        try:
            answer = self._sock.recv(64)
        except BlockingIOError:
            return
        except OSError:
            answer = b""
        if not answer:
            self._end()
            return
        kind, number = answer.split()
        waiting = self._waiting.popleft()
        if waiting.done():
            return  # the caller was canceled; the shim shows in its directory
        if kind == b"F":
            waiting.set_result(int(number))
        else:
            waiting.set_exception(LaunchError(f"No supervisor could be forked: {os.strerror(int(number))}."))

    def _end(self) -> None:
        """Fail what waits; the caller starts another process."""
        if self.gone:
            return
        self.gone = True
        self._loop.remove_reader(self._sock)
        self._sock.close()
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_exception(ForkerGoneError())

    async def close(self) -> None:
        """End the warm process; the shims live on."""
        self._end()
        await asyncio.to_thread(_reap, self._process)


def _spawn(log: Path, sock: socket.socket) -> subprocess.Popen[bytes]:
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = lowered([sys.executable, "-I", "-S", str(START), str(sock.fileno())])
    log.touch(0o600)
    with Path(os.devnull).open("r+b") as null, log.open("ab") as errors:
        # an environment of its own: the owner may itself run inside a marked task
        return subprocess.Popen(  # noqa: S603 (our own interpreter and file)
            command, stdin=null, stdout=null, stderr=errors, pass_fds=(sock.fileno(),), env={}, cwd="/"
        )


def _reap(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _in_file(request: bytes) -> int:
    fd = os.memfd_create("request", os.MFD_CLOEXEC)
    view = memoryview(request)
    while view:
        view = view[os.write(fd, view) :]
    return fd
