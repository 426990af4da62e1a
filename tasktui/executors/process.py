"""Processes that outlive their owner: starting them under shims, finding them again, learning their ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasktui.executors.event_watch import EventWatch
from tasktui.executors.forker_client import ForkerClient, ForkerGoneError
from tasktui.executors.launch import MARK, ExitRecord, Launch, LaunchError
from tasktui.executors.run_files import RunHead, is_locked, lock_for, parse_record, read_head, read_record
from tasktui.executors.running import RunningProcess
from tasktui.executors.shim.linux import missing_support
from tasktui.executors.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tasktui.executors.shim.request import Request

NOTIFY = "notify"
STARTING_S = 5.0
"""How long a shim may hold the lock without having said who it is."""
LOOK_S = 0.01
MAX_HINT = 1 << 16


@dataclass(frozen=True, slots=True)
class Alive:
    """The run goes on; read on from the stored offset, then follow the callbacks."""

    process: RunningProcess


@dataclass(frozen=True, slots=True)
class Ended:
    """The run has ended, perhaps while nobody looked."""

    record: ExitRecord


@dataclass(frozen=True, slots=True)
class NeverStarted:
    """Nothing of the run was started; it may be launched."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The run ended while nobody could see how; what it left was killed."""

    head: RunHead
    swept: int


Adopted = Alive | Ended | NeverStarted | Lost


class Supervisor:
    """Starts and adopts runs for one data directory; there is one per owner."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._running: dict[tuple[str, int], RunningProcess] = {}
        self._forker: ForkerClient | None = None
        self._starting = asyncio.Lock()
        self._notify: socket.socket | None = None
        self._events: EventWatch | None = None
        self.around: Callable[[Launch], Launch] = _as_it_is
        """What a launch becomes before it is started: the program of a container goes around it."""

    async def start(self) -> None:
        """Take over the notify socket and warm up; adopt only after this.

        Raises:
            LaunchError: this system cannot run tasks.
        """
        if problem := missing_support():
            raise LaunchError(problem)
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._notify = _bind(self._home)
        asyncio.get_running_loop().add_reader(self._notify, self._on_hint)
        self._events = EventWatch()
        await self._warm()

    async def close(self) -> None:
        """Let go of everything; the shims and their tasks live on."""
        if self._notify is not None:
            asyncio.get_running_loop().remove_reader(self._notify)
            self._notify.close()
        for process in list(self._running.values()):
            process.detach()
            await process.settle()
        if self._events is not None:
            self._events.close()
        if self._forker is not None:
            await self._forker.close()

    async def launch(self, launch: Launch) -> RunningProcess:
        """Start a run under a shim of its own.

        That the program itself can't be started shows in the record of the end, as its `failure`.

        Raises:
            AlreadyRunError: this run was started before, or another of the task goes on.
            LaunchError: no shim could be started.
        """
        launch = self.around(launch)
        try:
            return await self._launch(launch)
        except ForkerGoneError:  # did it fork before it died?
            match await self.adopt(launch.directory, launch.run):
                case Alive(process):
                    return process
                case NeverStarted():
                    return await self._launch(launch)
                case Ended(record):
                    return self._finished(launch, record)
                case Lost(_, swept):
                    return self._finished(launch, ExitRecord(launch.id, launch.run, lost=True, swept=swept))

    async def _launch(self, launch: Launch) -> RunningProcess:
        await self._let_former_leave(launch.directory)
        lock = lock_for(launch.directory, launch.run)
        try:
            pid = await (await self._warm()).fork(self._request(launch), lock)
        finally:
            os.close(lock)
        return self._follow(launch.directory, RunHead(launch.id, launch.run, pid, launch.mark))

    async def _let_former_leave(self, directory: Path) -> None:
        """A shim lets go of its lock a moment after its record is there."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STARTING_S):
                while is_locked(directory) and read_record(directory):  # noqa: ASYNC110 (another process)
                    await asyncio.sleep(LOOK_S)

    async def _warm(self) -> ForkerClient:
        """Return the forker, a new one where the last has ended."""
        async with self._starting:
            if self._forker is None or self._forker.gone:
                if self._forker is not None:
                    await self._forker.close()
                self._forker = await ForkerClient.start(self._home)
            return self._forker

    def _request(self, launch: Launch) -> bytes:
        request: Request = {
            "id": launch.id,
            "run": launch.run,
            "dir": str(launch.directory),
            "argv": list(launch.argv),
            "cwd": str(launch.cwd),
            "env": {**launch.env, MARK: launch.mark},
            "stdin": launch.stdin,
            "timeout_s": launch.timeout_s,
            "grace_s": launch.grace_s,
            "cap_bytes": launch.output_cap_bytes,
            "patient": launch.patient,
            "mark": launch.mark,
            "umask": launch.umask,
            "notify": os.path.relpath(self._home / NOTIFY, launch.directory),
        }
        return json.dumps(request).encode()

    def _finished(self, launch: Launch, record: ExitRecord) -> RunningProcess:
        process = self._follow(launch.directory, RunHead(launch.id, launch.run, 0, launch.mark))
        process.finish(record)
        return process

    def _follow(self, directory: Path, head: RunHead) -> RunningProcess:
        process = RunningProcess(directory, head, self._forget)
        self._running[head.id, head.run] = process
        if self._events is not None:
            self._events.add(directory, lambda: process.on_events and process.on_events())
        return process

    def _forget(self, process: RunningProcess) -> None:
        self._running.pop((process.id, process.run), None)
        if self._events is not None:
            self._events.remove(process.directory)

    async def adopt(self, directory: Path, run: int) -> Adopted:
        """Find out what became of a run of a task, and follow it if it goes on.

        What a former run left is none of this one's: its owner may have died before it started this one.

        Raises:
            LaunchError: something holds the run's lock without ever saying what it is.
        """
        try:
            if process := await self._find_living(directory, run):
                return Alive(process)
        except TimeoutError as error:
            raise LaunchError(f"Something holds {directory.name}/run.json and doesn't say what.") from error
        if (record := read_record(directory)) is not None and record.run == run:
            return Ended(record)
        if (head := read_head(directory)) is not None and head.run == run:
            return Lost(head, await sweep(head.mark))
        return NeverStarted()

    async def _find_living(self, directory: Path, run: int) -> RunningProcess | None:
        async with asyncio.timeout(STARTING_S):
            while is_locked(directory) and not read_record(directory):
                head = read_head(directory)
                if head is not None and head.run == run and (process := self._adopt_living(directory, head)):
                    return process
                await asyncio.sleep(LOOK_S)  # it is just starting
        return None

    def _adopt_living(self, directory: Path, head: RunHead) -> RunningProcess | None:
        if known := self._running.get((head.id, head.run)):
            return known
        process = self._follow(directory, head)
        if is_locked(directory):  # so the process that is watched by now is the one that holds the lock
            return process
        process.detach()
        self._forget(process)
        return None

    def _on_hint(self) -> None:
        """Take what shims tell; all of it is a hint that may be late, doubled or missing."""
        assert self._notify is not None  # noqa: S101 (read only while it is open)
        with contextlib.suppress(BlockingIOError):
            while True:
                self._take(self._notify.recv(MAX_HINT))

    def _take(self, hint: bytes) -> None:
        try:
            match json.loads(hint):
                case {"id": str(task_id), "run": int(run), "what": "ended", "status": status}:
                    process, record = self._running.get((task_id, run)), parse_record(status)
                    if process is not None and record is not None:
                        process.finish(record)
                case {"id": str(task_id), "run": int(run), "what": "out", **rest}:
                    process = self._running.get((task_id, run))
                    if process is not None:
                        process.output_grew(full=rest.get("full") is True)
        except ValueError:
            return


def _bind(home: Path) -> socket.socket:
    """Bind the notify socket, by way of a descriptor: the path may be longer than a socket address."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.setblocking(False)
    with contextlib.suppress(FileNotFoundError):
        (home / NOTIFY).unlink()
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        sock.bind(f"/proc/self/fd/{folder}/{NOTIFY}")
        (home / NOTIFY).chmod(0o600)
    finally:
        os.close(folder)
    return sock


def _as_it_is(launch: Launch) -> Launch:
    return launch
