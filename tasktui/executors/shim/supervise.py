"""Supervisor of one run, forked by the forker from a warm interpreter; it outlives its owner.

Files in the task directory: ``run.json`` (flocked by the owner before it asks; the lock travels as a
descriptor, so it is held without a gap until the shim ends; filled in just before the task starts: locked
= alive, free and empty = never started, free and filled without a status = lost), ``ctl`` (FIFO of JSON
lines: ``{"op": …}`` with ``term``, ``kill``, ``eof``, ``stop``, ``cont``), ``stdin`` (FIFO, the task's
standard input itself, so that a slow reader slows its writer and nothing is buffered or lost here), the
output (see ``output.py``), ``status.json`` (the truth).
"""

from __future__ import annotations

import errno
import functools
import json
import os
import select
import signal
import time

from tasktui.executors.shim import linux
from tasktui.executors.shim.child import Child
from tasktui.executors.shim.notice import Notice
from tasktui.executors.shim.output import STDERR, STDOUT, CappedOutput
from tasktui.executors.shim.stopping import Stopping

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from tasktui.executors.shim.request import Request, Status

BLOCK = 1 << 16
CONTROL = "ctl"
STATUS = "status.json"
WRITE_RETRY_S = 1.0
ASKED: list[int] = []
"""SIGTERMs that this process received."""


class Shim:
    """Runs one task: output to capped files, control by FIFO, the stop ladder, the record of its end."""

    def __init__(self, request: Request, note: socket.socket, lock: int) -> None:
        """Take the request, the datagram socket and the locked ``run.json``."""
        self._request, self._lock = request, lock
        self._notice = Notice(request, note)
        self._output = CappedOutput(request["cap_bytes"], patient=request["patient"])
        self._wait_status: int | None = None
        self._cpu_s, self._max_rss_kib = 0.0, 0
        self._alone = self._gave_up = self._woken = self._full = False
        self._orders = b""
        self._poll = select.poll()
        self._on_ready: dict[int, Callable[[], object]] = {}

    def run(self) -> None:
        """Start the task, serve it until no process of it is left, and write the record."""
        os.setsid()
        linux.become_subreaper()
        os.chdir(self._request["dir"])
        self._listen()
        self._start()
        while not (self._alone or self._gave_up):
            self._turn()
        self._take_the_rest()
        while self._output.waits and self._stopping.reason is None:  # its last words tell how it ended
            self._turn()
        self._output.give_up()
        self._record()

    def _listen(self) -> None:
        """Open what wakes this process: signals and the control FIFO."""
        self._wake, wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        self._watch(self._wake, self._on_wake)
        try:
            os.mkfifo(CONTROL, 0o600)
        except FileExistsError:  # left by a shim that died before it started anything
            os.unlink(CONTROL)
            os.mkfifo(CONTROL, 0o600)
        # read-write, so that it never ends; each write of at most PIPE_BUF bytes arrives whole
        self._control = os.open(CONTROL, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._watch(self._control, self._on_control)

    def _start(self) -> None:
        """Write ahead into ``run.json`` that the task starts, then start it; the FIFOs are there by then."""
        request = self._request
        self._child = Child(request)
        self._started_ms, self._began = time.time_ns() // 1_000_000, time.monotonic()
        head = {
            "v": 1,
            "id": request["id"],
            "run": request["run"],
            "shim": os.getpid(),
            "mark": request["mark"],
        }
        self._write_ahead(json.dumps(head | {"started_ms": self._started_ms}).encode())
        self._child.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM,))  # blocked since the forker
        self._stopping = Stopping(request["grace_s"], request["timeout_s"])
        self._open_streams = {self._child.stdout: STDOUT, self._child.stderr: STDERR}
        for fd in self._open_streams:
            self._watch(fd, functools.partial(self._on_output, fd))

    def _write_ahead(self, head: bytes) -> None:
        """Fill ``run.json``; where there is no room for it, it stays empty and nothing is started."""
        if os.write(self._lock, head) < len(head):
            os.ftruncate(self._lock, 0)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _watch(self, fd: int, action: Callable[[], object]) -> None:
        self._poll.register(fd, select.POLLIN)
        self._on_ready[fd] = action

    def _turn(self) -> None:
        """Wait for something to do and do it."""
        for fd, _ in self._poll.poll(self._wait_ms()):
            self._on_ready[fd]()
        if self._output.waits or self._full:
            self._wait_for_room()
        if self._woken:
            self._woken = False
            self._reap()
        if ASKED:
            ASKED.clear()
            self._stopping.ask()
        self._notice.act()
        self._gave_up = not self._alone and self._stopping.act(drained=not self._open_streams)

    def _wait_for_room(self) -> None:
        """Let the task wait in its writes for a disk that takes them; one that is stopped ends without."""
        if self._stopping.reason is not None:
            self._output.give_up()
        if self._output.again() or not self._full:
            self._full = self._output.waits
            self._notice.output_grew(full=self._full)
            for fd in self._open_streams:
                self._poll.register(fd, 0 if self._full else select.POLLIN)

    def _wait_ms(self) -> float | None:
        drained = not self._open_streams
        stopping_ms = None if self._alone else self._stopping.wait_ms(drained=drained)
        waits = (self._notice.wait_ms(), stopping_ms, self._output.wait_ms())
        return min((wait for wait in waits if wait is not None), default=None)

    def _on_wake(self) -> None:
        os.read(self._wake, BLOCK)
        self._woken = True

    def _reap(self) -> None:
        """Collect who ended; without a child nothing is left, for orphans below us become our children."""
        try:
            while True:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
                if pid == 0:
                    return
                self._cpu_s += usage.ru_utime + usage.ru_stime
                self._max_rss_kib = max(self._max_rss_kib, usage.ru_maxrss)
                if pid == self._child.pid:
                    self._wait_status = status
                    self._stopping.leader_ended()
        except ChildProcessError:
            self._alone = True

    def _on_output(self, fd: int) -> bool:
        """Move one block from the task to the files; False when nothing was there."""
        try:
            block = os.read(fd, BLOCK)
        except BlockingIOError:
            return False
        if not block:
            self._poll.unregister(fd)
            del self._open_streams[fd]
            return False
        self._output.write(self._open_streams[fd], block)
        self._notice.output_grew()
        return True

    def _take_the_rest(self) -> None:
        """Empty the pipes; nobody is left to fill them, but for the survivors of a failed kill."""
        for fd in tuple(self._open_streams):
            while not self._gave_up and fd in self._open_streams and self._on_output(fd):
                pass

    def _on_control(self) -> None:
        self._orders += os.read(self._control, BLOCK)
        *lines, self._orders = self._orders.split(b"\n")
        for line in lines:
            try:
                operation = json.loads(line)["op"]
            except (ValueError, KeyError, TypeError):
                continue
            self._obey(operation)

    def _obey(self, operation: object) -> None:
        if operation == "term":
            self._stopping.ask()
        elif operation == "kill":
            self._stopping.force()
        elif operation == "stop":
            linux.signal_all(linux.tree(os.getpid()), signal.SIGSTOP)
        elif operation == "cont":
            linux.signal_all(linux.tree(os.getpid()), signal.SIGCONT)
        elif operation == "eof":
            self._child.close_stdin()

    def _record(self) -> None:
        """Write ``status.json`` and tell the owner; without an owner make it durable here."""
        status = self._status()
        written = self._write(status)
        told = self._notice.ended(status)
        # a full disk: the record is all that is left of the run, unless its directory was purged
        while not written and os.stat(".").st_nlink:
            time.sleep(WRITE_RETRY_S)
            written = self._write(status)
        try:
            if not told:
                self._output.sync()
                for name in (STATUS, "."):
                    os.fsync(os.open(name, os.O_RDONLY | os.O_CLOEXEC))
            os.unlink(CONTROL)
            self._child.close_stdin()
        except OSError:  # the owner took the record and purged the directory already
            return

    def _write(self, status: Status) -> bool:
        """Put the record in place; False when the disk doesn't take it."""
        try:
            fd = os.open(STATUS + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with open(fd, "wb", buffering=0) as file:
                record = json.dumps(status).encode()
                if file.write(record) < len(record):
                    return False
            os.rename(STATUS + ".new", STATUS)
        except OSError:
            return False
        return True

    def _status(self) -> Status:
        failure = self._child.failure() if self._wait_status is not None else None
        code = None if self._wait_status is None else os.waitstatus_to_exitcode(self._wait_status)
        return {
            "v": 1,
            "id": self._request["id"],
            "run": self._request["run"],
            "code": code if failure is None and code is not None and code >= 0 else None,
            "signal": -code if code is not None and code < 0 else None,
            "failure": failure,
            "stopped": self._stopping.reason,
            "started_ms": self._started_ms,
            "ended_ms": time.time_ns() // 1_000_000,
            "duration_ms": int((time.monotonic() - self._began) * 1000),
            "cpu_s": round(self._cpu_s, 6),
            "max_rss_kib": self._max_rss_kib,
            "written": self._output.size,
            "dropped": self._output.dropped,
            "survivors": len(linux.tree(os.getpid())) if self._gave_up else 0,
        }
