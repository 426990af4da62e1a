"""One run that is going on under its shim, seen and steered from the owner."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from typing import TYPE_CHECKING, Literal

from tasktui.executors.fd_ready import writable
from tasktui.executors.launch import ExitRecord, SpawnFailure
from tasktui.executors.run_files import RunHead, is_locked, read_head, read_record
from tasktui.executors.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

CONTROL = "ctl"
STDIN = "stdin"
LOOK_AGAIN_S = 0.2
FIRST_LOOK_S = 0.05
STARTING_S = 0.005
"""How often it is looked whether a shim that was just forked listens already."""
Operation = Literal["term", "kill", "eof", "stop", "cont"]


class RunningProcess:
    """Steers a run by its control FIFO and learns its end; made by the supervisor, on its loop."""

    def __init__(self, directory: Path, head: RunHead, on_end: Callable[[RunningProcess], None]) -> None:
        self.directory, self.id, self.run, self.mark = directory, head.id, head.run, head.mark
        self.shim_pid = head.shim
        self.on_output: Callable[[], None] | None = None
        """Called when there may be more output, at most 20 times a second; set it right after the launch."""
        self.on_events: Callable[[], None] | None = None
        """Called when the task's own ``events.jsonl`` may have grown."""
        self.full = False
        """Whether the task waits for a disk that takes its output; only where it was launched patient."""
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[ExitRecord] = self._loop.create_future()
        self._clearing: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()
        self._torn = False
        """Whether the last data were given up halfway."""
        self._listening = False
        self._early: list[Operation] = []
        """Orders given before the shim listens."""
        self._pidfd: int | None = None
        self._look: asyncio.TimerHandle | None = None
        self._watch_shim()
        # what a quick task said before anybody listened was hinted to nobody
        self._first_look = self._loop.call_later(FIRST_LOOK_S, self._look_at_everything)

    def _look_at_everything(self) -> None:
        for callback in (self.on_output, self.on_events):
            if callback is not None:
                callback()

    def output_grew(self, *, full: bool) -> None:
        """Take the shim's hint that there is more, or that there is no room for more."""
        self.full = full
        if self.on_output is not None:
            self.on_output()

    def _watch_shim(self) -> None:
        try:
            self._pidfd = os.pidfd_open(self.shim_pid)
        except ProcessLookupError:
            self._look = self._loop.call_later(0, self._shim_gone)
        except OSError:  # no descriptor left: not a reason to take it for dead
            self._look = self._loop.call_later(LOOK_AGAIN_S, self._watch_shim)
        else:
            self._loop.add_reader(self._pidfd, self._shim_gone)

    @property
    def record(self) -> ExitRecord | None:
        """How it ended; None while it goes on."""
        return self._ended.result() if self._ended.done() else None

    async def wait(self) -> ExitRecord:
        """Wait for the end; by then all output and events are in their files."""
        return await asyncio.shield(self._ended)

    def terminate(self) -> bool:
        """Ask the whole tree to end, kill it after the grace; False when nobody is there to do it."""
        return self._order("term")

    def kill(self) -> bool:
        """Kill the whole tree now."""
        return self._order("kill")

    def pause(self) -> bool:
        """Stop the whole tree; its wall deadline goes on."""
        return self._order("stop")

    def resume(self) -> bool:
        """Let the whole tree go on."""
        return self._order("cont")

    def close_stdin(self) -> bool:
        """End the task's standard input."""
        return self._order("eof")

    async def abandon(self) -> ExitRecord:
        """Kill a shim that doesn't obey, and its tree; the run ends as lost."""
        if self._pidfd is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        return await self.wait()

    async def sweep(self) -> int:
        """Kill whatever still carries this run's mark; returns how many processes that were."""
        return await sweep(self.mark)

    def _order(self, operation: Operation) -> bool:
        if self._ended.done():
            return False
        if self._early or not self._is_listening():  # none overtakes those before it
            self._early.append(operation)
            if len(self._early) == 1:
                self._loop.call_later(STARTING_S, self._send_early)
            return True
        return self._send(operation)

    def _is_listening(self) -> bool:
        """Tell whether the FIFOs are there: they are before ``run.json`` is filled."""
        self._listening = self._listening or self._ended.done() or read_head(self.directory) is not None
        return self._listening

    def _send_early(self) -> None:
        if not self._is_listening():
            self._loop.call_later(STARTING_S, self._send_early)
            return
        for operation in self._early:
            self._send(operation)
        self._early.clear()

    def _send(self, operation: Operation) -> bool:
        try:
            fd = os.open(self.directory / CONTROL, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:  # ended, or no shim reads it
            return False
        try:
            os.write(fd, json.dumps({"op": operation}).encode() + b"\n")
        except OSError:
            return False
        finally:
            os.close(fd)
        return True

    async def write_stdin(self, data: bytes, begins: Callable[[], Awaitable[None]] | None = None) -> bool:
        """Write to the task's standard input, waiting while it doesn't read.

        Canceled halfway, the task has got a part, and the next data begin on a line of their own. Returns
        False when the task takes no input (any more).

        Args:
            data: what to write.
            begins: called before the first byte of it is written, and once some can be.
        """
        async with self._writing:
            while not self._is_listening():  # noqa: ASYNC110 (another process makes the FIFO)
                await asyncio.sleep(STARTING_S)
            try:
                fd = os.open(self.directory / STDIN, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            except OSError:
                return False
            try:
                if begins is not None:
                    await writable(fd)  # a task that does not read for long got nothing of it yet
                    await begins()
                await self._write_all(fd, memoryview(b"\n" + data if self._torn else data))
            except BrokenPipeError:
                return False
            finally:
                os.close(fd)
        return True

    def torn(self) -> None:
        """Take note that an earlier owner may have written a part of a line."""
        self._torn = True

    async def _write_all(self, fd: int, data: memoryview) -> None:
        while data:
            try:
                data = data[os.write(fd, data) :]
                self._torn = bool(data)
            except BlockingIOError:
                await writable(fd)

    def finish(self, record: ExitRecord) -> None:
        """Take the record of the end; only the first counts."""
        if self._ended.done():
            return
        self.detach()
        self._ended.set_result(record)
        self._on_end(self)

    def detach(self) -> None:
        """Look no more whether the shim lives."""
        self._first_look.cancel()
        if self._look is not None:
            self._look.cancel()
        if self._pidfd is not None:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = None

    def _shim_gone(self) -> None:
        if self._pidfd is not None:
            self._loop.remove_reader(self._pidfd)
        if record := read_record(self.directory):
            self.finish(record)
        elif is_locked(self.directory):  # not quite gone
            self._look = self._loop.call_later(LOOK_AGAIN_S, self._shim_gone)
        elif self._clearing is None:
            self._clearing = self._loop.create_task(self._clear_up())

    async def _clear_up(self) -> None:
        """The shim left no record: kill what it left, then say that it is lost, or that it never started."""
        swept = await sweep(self.mark)
        if read_head(self.directory) is None and not is_locked(self.directory):
            failure = SpawnFailure("supervisor", 0, "the supervisor ended before it started the task")
            self.finish(ExitRecord(self.id, self.run, failure=failure, swept=swept))
        else:
            self.finish(ExitRecord(self.id, self.run, lost=True, swept=swept))

    async def settle(self) -> None:
        """Wait for a sweep that is under way."""
        if self._clearing is not None:
            await self._clearing
