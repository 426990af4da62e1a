"""Warm single-threaded process that forks one shim per request.

It serves a SOCK_SEQPACKET socket. A request is the JSON of ``request.py`` with the descriptor of the
locked ``run.json``, or an empty message with a second descriptor, a file that holds the JSON, where it is
too long for a message. Answers, in order: ``F pid`` forked, ``E errno`` not forked. The forker ends with
its owner; shims don't.
"""

from __future__ import annotations

import gc
import json
import os
import resource  # noqa: F401 (wait4 would load it anew in every shim)
import select
import signal
import socket
import struct
import sys
import warnings  # noqa: F401 (execvpe would load it anew in every task's first process)

from tasktui.executors.shim.supervise import ASKED, Shim

MAX_REQUEST = 1 << 16
MAX_FDS = 2
EMPTY = b"{}"
"""The message whose request comes in a file."""
SEND_TIMEOUT_S = 1


def main(fd: int) -> None:
    """Free this process of its owner's session and serve the socket ``fd``."""
    os.setsid()
    os.chdir("/")
    os.umask(0o077)
    if len(os.listdir("/proc/self/task")) != 1:
        raise SystemExit("the forker must have one thread")
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        Forker(socket.socket(fileno=fd)).serve()
    except (BrokenPipeError, ConnectionResetError):
        return


class Forker:
    """Answers the owner's requests, each by a fork."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._wake, self._wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._catch_signals()
        self._note = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)  # shared by all shims, never connected
        self._note.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_TIMEOUT_S, 0))

    def _catch_signals(self) -> None:
        """Catch rather than ignore: exec resets what is caught, so the task starts with the defaults."""
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, lambda number, _: ASKED.append(number))
        for number in (signal.SIGCHLD, signal.SIGHUP, signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, lambda *_: None)
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM,))  # fork forgets what arrives within it

    def serve(self) -> None:
        """Answer requests until the owner is gone."""
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        going = True
        while going:
            for fd, _ in poll.poll():
                if fd == self._wake:
                    self._reap()
                else:
                    going = self._answer()

    def _answer(self) -> bool:
        """Serve one request; False when the owner is gone."""
        # not socket.recv_fds: in 3.11 it drops its flags, and the lock would leak into the task
        space = socket.CMSG_LEN(4 * MAX_FDS)
        request, control, _, _ = self._sock.recvmsg(MAX_REQUEST, space, socket.MSG_CMSG_CLOEXEC)
        if not request:
            return False
        fds = [fd for _, _, data in control for (fd,) in struct.iter_unpack("i", data)]
        try:
            pid = os.fork()
        except OSError as error:
            self._sock.send(b"E %d" % (error.errno or 0))
        else:
            if pid == 0:
                self._become_shim(request, fds)
            self._sock.send(b"F %d" % pid)
        for fd in fds:
            os.close(fd)
        return True

    def _become_shim(self, request: bytes, fds: list[int]) -> None:
        """Run the shim in this freshly forked process and end it without any of the forker's clean-up."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            self._sock.close()
            os.close(self._wake)
            os.close(self._wake_write)
            Shim(json.loads(_whole(request, fds)), self._note, fds[0]).run()
            code = 0
        except BaseException:  # noqa: BLE001 (a forked copy must not run on into the forker's loop)
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(code)

    def _reap(self) -> None:
        """Collect the shims that ended; their record is in their directory."""
        os.read(self._wake, MAX_REQUEST)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return


def _whole(request: bytes, fds: list[int]) -> bytes:
    if request != EMPTY:
        return request
    with open(fds.pop(), "rb") as file:
        file.seek(0)
        return file.read()
