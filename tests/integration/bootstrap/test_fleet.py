"""Several machines in one list, each a real owner with its own data directory: killed, stopped and back."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tasktui.bootstrap.fleet.fleet import Fleet
from tasktui.bootstrap.fleet.member import Connect, Pace
from tasktui.domain.errors import (
    AmbiguousTaskError,
    InvalidError,
    NotFoundError,
    OwnerError,
    UnreachableError,
)
from tasktui.domain.hosted import HostState
from tasktui.domain.hosts import Host
from tasktui.domain.ports.manager import Manager
from tasktui.domain.query import EVERYTHING, TaskQuery, Term
from tasktui.domain.records import StoredEvent
from tasktui.domain.requests import ChangeSet, Interest
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import Status
from tasktui.service.client import RemoteManager
from tasktui.service.presence import LONGEST_SILENCE_S
from tests.faults.desks import end, end_owner, owned_by, serve, until

PATIENT = Pace(connect_s=40, quiet_s=0.3, answer_s=40, page_s=20, act_s=40, first_s=0.2, longest_s=1)
"""A machine that is there is waited for, however busy this one is."""
QUICK = Pace(connect_s=40, quiet_s=0.3, answer_s=4, page_s=0.4, act_s=5, first_s=0.2, longest_s=1)
NAMES = ("box", "gpu", "lab")
pytestmark = pytest.mark.timeout(180)


class Machines:
    """Owners in the background by the names of their machines, and the list of them all."""

    def __init__(self, folder: Path, pace: Pace) -> None:
        self.folder = folder
        self.processes = {name: serve(self.home(name)) for name in NAMES}
        self.fleet = Fleet({Host(name, name): self._connect(name) for name in NAMES}, pace=pace)

    def home(self, name: str) -> Path:
        return self.folder / name / "home"

    def is_there(self, name: str) -> None:
        until(
            lambda: owned_by(self.home(name), self.processes[name].pid), within_s=40, what=f"{name} answers"
        )

    def signal(self, name: str, number: signal.Signals) -> None:
        os.kill(self.processes[name].pid, number)

    def _connect(self, name: str) -> Connect:
        async def connect() -> Manager:
            return RemoteManager(self.home(name))

        return connect

    async def stands(self, name: str, standing: str) -> HostState:
        """Wait until a machine stands so."""
        async with asyncio.timeout(40):
            while (state := self.state(name)).standing != standing:
                await asyncio.sleep(0.02)
        return state

    def state(self, name: str) -> HostState:
        return next(state for state in self.fleet.hosts() if state.host.name == name)


@contextmanager
def running(folder: Path, pace: Pace) -> Iterator[Machines]:
    machines = Machines(folder, pace)
    try:
        for name in NAMES:
            machines.is_there(name)
        yield machines
    finally:
        for name, process in machines.processes.items():
            end(process)
            end_owner(machines.home(name))


@pytest.fixture
async def machines(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Machines]:
    """Three that are connected; a test may say how long they are waited for."""
    with running(tmp_path, getattr(request, "param", PATIENT)) as made:
        await made.fleet.open(within_s=40)
        yield made
        await made.fleet.close()


def _spec(command: str, **fields: object) -> TaskSpec:
    return TaskSpec.model_validate({"work": ShellWork(command=command), "cwd": "/", **fields})


async def _rows(manager: Manager, query: TaskQuery = EVERYTHING) -> list[TaskRow]:
    return list((await manager.page(query)).items)


async def test_three_machines_are_one_list_and_each_task_is_acted_on_where_it_is(machines: Machines) -> None:
    fleet = machines.fleet
    port: Manager = fleet
    made = {}
    for name in NAMES:
        task = await fleet.at(name).submit(_spec("sleep 60", name=f"on {name}"), task_id=f"job-{name}")
        assert task.row.host == name
        made[name] = task.id
    assert [(row.host, row.title) for row in await _rows(port)] == [
        (name, f"on {name}") for name in reversed(NAMES)
    ]
    assert (await port.counts()).total == 3
    assert [row.host for row in await _rows(port, TaskQuery((Term("host", "is", ("gpu", "lab")),)))] == [
        "lab", "gpu",
    ]  # fmt: skip
    assert await port.count(TaskQuery((Term("host", "is", ("gpu",), negated=True),))) == 2
    assert {lane.lane for lane in await port.lanes()} >= {"box/default", "gpu/default", "lab/default"}
    async with asyncio.timeout(20):
        while not {lane.lane: lane.running for lane in (await port.stats()).lanes}["gpu/default"]:
            await asyncio.sleep(0.02)

    canceled = await port.cancel("job-gpu", force=True)
    assert canceled.row.host == "gpu"
    ended = await port.wait("job-gpu", timeout_s=30)
    assert (ended.status, ended.host) == (Status.CANCELED, "gpu")
    assert not (await fleet.at("box").page(TaskQuery((Term("status", "is", (Status.CANCELED,)),)))).items
    assert (await port.get("job-l")).row.host == "lab"
    with pytest.raises(AmbiguousTaskError, match="job-box on box, job-gpu on gpu, job-lab on lab"):
        await port.get("job")
    with pytest.raises(NotFoundError, match="No task nothing on box, gpu, lab"):
        await port.get("nothing")
    with pytest.raises(InvalidError):
        await anext(aiter(port.subscribe(after=7)))
    assert {fleet.host_of(task_id): task_id for task_id in made.values()} == made


async def test_events_of_all_machines_come_as_one_stream_and_say_whose_they_are(machines: Machines) -> None:
    heard: dict[str, str | None] = {}
    port: Manager = machines.fleet
    for name in NAMES:
        await machines.fleet.at(name).submit(_spec("true"), task_id=f"job-{name}")
    async with asyncio.timeout(40):
        async for event in port.subscribe():
            if isinstance(event, StoredEvent) and event.type == "task.finished":
                heard[event.task_id] = machines.fleet.host_of(event.task_id)
            if len(heard) == len(NAMES):
                break
    assert heard == {f"job-{name}": name for name in NAMES}


async def test_a_killed_machine_is_shown_as_it_was_and_is_refused(machines: Machines) -> None:
    port: Manager = machines.fleet
    for name in NAMES:
        await machines.fleet.at(name).submit(_spec("sleep 60"), task_id=f"job-{name}")
    machines.signal("gpu", signal.SIGKILL)
    machines.processes["gpu"].wait(timeout=10)
    gone = await machines.stands("gpu", "unreachable")
    assert gone.why
    assert gone.answered_at is not None
    rows = {row.host: row for row in await _rows(port)}
    assert rows.keys() == set(NAMES), "what is not reached is not hidden"
    assert rows["gpu"].unheard_since == gone.answered_at
    assert rows["box"].unheard_since is None
    assert (await port.counts()).total == 3
    with pytest.raises(UnreachableError, match=r"gpu cannot be reached .*Nothing was sent there"):
        await port.cancel("job-gpu")
    with pytest.raises(NotFoundError, match="Not asked: gpu"):
        await port.get("zzz")
    with pytest.raises(UnreachableError):
        await port.purge(["job-gpu", "job-box"])
    assert (await port.cancel("job-box")).row.host == "box"


async def test_a_killed_machine_is_live_again_when_it_is_back(machines: Machines) -> None:
    await machines.fleet.at("gpu").submit(_spec("sleep 60"), task_id="job")
    follower = _Follower(machines.fleet)
    following = asyncio.ensure_future(follower.follow())
    machines.signal("gpu", signal.SIGKILL)
    machines.processes["gpu"].wait(timeout=10)
    await machines.stands("gpu", "unreachable")
    machines.processes["gpu"] = serve(machines.home("gpu"))
    await machines.stands("gpu", "connected")
    assert [row.unheard_since for row in await _rows(machines.fleet)] == [None]
    port: Manager = machines.fleet
    assert (await port.cancel("job", force=True)).row.host == "gpu"
    async with asyncio.timeout(40):
        while not follower.saw_back():
            await asyncio.sleep(0.02)
    following.cancel()


class _Follower:
    """What a screen hears."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self.standings: list[str] = []
        self.rereads = 0

    async def follow(self) -> None:
        async for changes in self._fleet.changes(Interest()):
            self._take(changes)

    def _take(self, changes: ChangeSet) -> None:
        self.rereads += changes.reread
        for state in changes.hosts or ():
            if state.host.name == "gpu" and state.standing not in self.standings[-1:]:
                self.standings.append(state.standing)

    def saw_back(self) -> bool:
        return self.standings[-1:] == ["connected"] and "unreachable" in self.standings and self.rereads >= 2


@pytest.mark.parametrize("machines", [QUICK], indirect=True, ids=["quick"])
async def test_a_stopped_machine_delays_nobody_and_is_live_again_when_it_goes_on(machines: Machines) -> None:
    fleet = machines.fleet
    port: Manager = fleet
    for name in NAMES:
        await fleet.at(name).submit(_spec("sleep 60"), task_id=f"job-{name}")
    assert len(await _rows(port)) == 3
    machines.signal("lab", signal.SIGSTOP)
    began = time.monotonic()
    assert {row.host for row in await _rows(port)} == set(NAMES)
    for _ in range(10):
        assert {row.host for row in await _rows(port)} == set(NAMES)
    assert (await port.cancel("job-box", force=True)).row.host == "box"
    assert time.monotonic() - began < LONGEST_SILENCE_S / 2, "eleven pages, of which one waited"
    with pytest.raises(OwnerError, match="lab"):
        await port.cancel("job-lab")
    state = await machines.stands("lab", "unreachable")
    assert state.why
    with pytest.raises(UnreachableError, match="lab cannot be reached"):
        await port.cancel("job-lab")
    machines.signal("lab", signal.SIGCONT)
    await machines.stands("lab", "connected")
    assert all(row.unheard_since is None for row in await _rows(port))
    assert (await port.cancel("job-lab", force=True)).row.host == "lab"


async def test_one_that_was_never_there_is_shown_and_hinders_nobody(tmp_path: Path) -> None:
    async def nobody() -> Manager:
        raise OwnerError("Nobody is there. Start it.")

    fleet = Fleet({Host("gone", "gone"): nobody}, pace=QUICK)
    port = await fleet.open(within_s=20)
    (state,) = fleet.hosts()
    assert (state.standing, state.why, state.answered_at) == (
        "unreachable",
        "Nobody is there. Start it.",
        None,
    )
    assert state.again_at is not None
    assert not (await port.page(EVERYTHING)).items
    with pytest.raises(UnreachableError, match="Nobody is there"):
        await port.submit(_spec("true"))
    with pytest.raises(OwnerError, match=r"No machine answers that may have x: gone"):
        await port.get("x")
    await fleet.close()
