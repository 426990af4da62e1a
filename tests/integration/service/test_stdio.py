"""`tasktui stdio` as a program at the other end of two pipes, with a real owner behind it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from tasktui.domain.errors import OwnerError, RefusedError
from tasktui.domain.query import TaskQuery
from tasktui.service import distant
from tasktui.service.channel import Channel, RefusedChannelError
from tasktui.service.channel_frames import Kind, hello, pack
from tasktui.service.channels import Channels, Greeted, Told
from tasktui.service.client import RemoteManager
from tasktui.service.distant import Distant
from tasktui.service.owner import read_owner
from tasktui.service.pipe import Pipe, PipeSilentError
from tasktui.service.program import Failure, Program, UnusableError
from tests.contract.attached import over_stdio
from tests.contract.managers import spec
from tests.faults.desks import end_owner

STDIO = (sys.executable, "-m", "tasktui", "stdio")


@asynccontextmanager
async def reached(home: Path, *argv: str) -> AsyncIterator[tuple[RemoteManager, Distant]]:
    """A manager at the pipes of a program; the owner that it started is ended."""
    way = Distant(argv, name="here", explain=told, version="test") if argv else over_stdio(home)
    manager = RemoteManager(way)
    try:
        async with asyncio.timeout(50):
            yield manager, way
    finally:
        await manager.close()
        await asyncio.to_thread(end_owner, home)


@asynccontextmanager
async def aclosing_manager(manager: RemoteManager) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await manager.close()


def told(failure: Failure) -> OwnerError:
    return OwnerError(f"{type(failure.why).__name__} {failure.code} {failure.said} {failure.noise[:20]}")


async def test_an_owner_is_started_and_started_again_after_its_death(own_home: Path) -> None:
    async with reached(own_home) as (manager, way):
        task = await manager.submit(spec("true"))
        assert (await manager.wait(task.id, timeout_s=20)).exit_code == 0
        first = read_owner(own_home)
        assert first is not None
        changes = manager.changes(interest())
        await anext(changes)
        os.kill(first.pid, signal.SIGKILL)
        while not (await anext(changes)).lost:
            pass  # what was still on its way
        while (found := await anext(changes)).lost:
            pass
        assert found.reread
        second = read_owner(own_home)
        assert second is not None
        assert second.pid != first.pid
        assert (await manager.get(task.id)).row.exit_code == 0
        assert way.connected(), "the pipes outlive the owner"
        await changes.aclose()


def interest() -> object:
    from tasktui.domain.requests import Interest

    return Interest(min_interval_s=0.01)


async def test_a_stopped_owner_is_named_with_what_to_do(own_home: Path) -> None:
    async with reached(own_home) as (manager, _):
        await manager.counts()
        info = read_owner(own_home)
        assert info is not None
        os.kill(info.pid, signal.SIGSTOP)
        try:
            await manager.close()
            again = RemoteManager(over_stdio(own_home))
            with pytest.raises(OwnerError, match=f"here: The owner, process {info.pid}, does not answer"):
                await again.counts()
            await again.close()
        finally:
            os.kill(info.pid, signal.SIGCONT)


async def test_readonly_is_the_owners_own_door(own_home: Path) -> None:
    async with reached(own_home) as (manager, _):
        task = await manager.submit(spec("true"))
        await manager.wait(task.id, timeout_s=20)
        watcher = RemoteManager(Distant((*STDIO, "--readonly"), name="here", explain=told, version="test"))
        async with aclosing_manager(watcher):
            assert [row.id for row in (await watcher.page(TaskQuery())).items] == [task.id]
            with pytest.raises(RefusedError):
                await watcher.submit(spec("true"))
            with pytest.raises(RefusedError):
                await watcher.retry(task.id)


async def test_who_only_looks_learns_nothing_of_the_login_there(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", "hunter2")
    seen = {}
    for words in ((), ("--readonly",)):
        process = await asyncio.create_subprocess_exec(
            *STDIO, *words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(30):
            seen[words], _ = await process.communicate(hello("1"))
    assert b"hunter2" in seen[()]
    assert len(seen["--readonly",].splitlines()) == 1, "hello, and not a byte more"
    assert seen["--readonly",].endswith(b"\n")


async def test_who_only_looks_starts_no_owner_and_sees_the_one_that_appears(own_home: Path) -> None:
    looking = Distant((*STDIO, "--readonly"), name="box", explain=told, version="test")
    async with reached(own_home) as (manager, _), aclosing_manager(watcher := RemoteManager(looking)):
        changes = watcher.changes(interest())
        for _ in range(2):
            with pytest.raises(OwnerError, match=r"^box: Nobody runs tasks in .* until an owner runs\.$"):
                await watcher.counts()
        lost = await anext(changes)
        assert lost.lost
        assert "there is nothing to look at" in str(lost.degraded)
        assert read_owner(own_home) is None
        await manager.submit(spec("true"))
        while (found := await anext(changes)).lost:
            pass
        assert found.reread
        assert (await watcher.counts()).total == 1
        await changes.aclose()


async def test_an_owner_that_cannot_be_started_refuses_one_channel_and_ends_no_other(own_home: Path) -> None:
    async with reached(own_home) as (manager, way):
        (own_home / "owner.starting").mkdir(parents=True)
        own_home.chmod(0o700)
        for _ in range(2):
            with pytest.raises(OwnerError, match=r"here: No owner of .* can be started: .*directory"):
                await manager.counts()
        assert way.connected()
        (own_home / "owner.starting").rmdir()
        assert (await manager.counts()).total == 0


def living() -> list[psutil.Process]:
    """Our children, but for those that have ended and wait to be collected."""
    return [one for one in psutil.Process().children() if _lives(one)]


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_a_machine_out_of_descriptors_refuses_one_channel_and_ends_no_other(own_home: Path) -> None:
    async with reached(own_home) as (manager, way):
        await manager.counts()
        assert way._program is not None
        (other_end,) = (one for one in living() if one.cmdline()[-1:] == ["stdio"])
        most = other_end.rlimit(psutil.RLIMIT_NOFILE)
        # up to the first number that is free: it may lie between those that are taken
        taken = {int(fd.name) for fd in Path(f"/proc/{other_end.pid}/fd").iterdir()}
        free = next(number for number in range(len(taken) + 1) if number not in taken)
        other_end.rlimit(psutil.RLIMIT_NOFILE, (free, most[1]))
        late = way._program.pipe.open()
        with pytest.raises(RefusedChannelError, match="Too many open files"):
            await _write_until_refused(late)
        other_end.rlimit(psutil.RLIMIT_NOFILE, most)
        assert (await manager.counts()).total == 0
        assert way.connected()


async def _write_until_refused(channel: Channel) -> None:
    while True:
        await channel.write(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")


async def test_a_stream_that_nobody_reads_stalls_nothing(own_home: Path) -> None:
    async with reached(own_home) as (manager, way):
        task = await manager.submit(spec("head -c 3000000 /dev/zero | tr '\\0' x; sleep 0.1"))
        await manager.wait(task.id, timeout_s=20)
        assert way._program is not None
        unread = [way._program.pipe.open() for _ in range(3)]
        for channel in unread:
            asked = f"GET /v1/tasks/{task.id}/output?limit=1048576 HTTP/1.1\r\nHost: x\r\n\r\n"
            await channel.write(asked.encode())
        await asyncio.gather(*(_some(channel) for channel in unread))
        for _ in range(20):
            async with asyncio.timeout(20):
                assert (await manager.counts()).total == 1
        chunk = await manager.output(task.id, limit=1_048_576)
        assert len(chunk.data) == 1_048_576


async def _some(channel: object) -> None:
    assert await channel.read(1)  # type: ignore[attr-defined]  # the rest stays


async def test_what_a_login_prints_is_skipped_and_what_is_no_hello_is_shown(own_home: Path) -> None:
    noisy = f"printf 'Last login: now\\nWelcome'; exec {' '.join(STDIO)}"
    async with reached(own_home, "sh", "-c", noisy) as (manager, _):
        assert (await manager.counts()).total == 0
    async with reached(own_home, "sh", "-c", "echo Maintenance; echo no >&2; exit 9") as (manager, _):
        with pytest.raises(OwnerError, match=r"PipeClosedError 9 \('no',\) Maintenance"):
            await manager.counts()
    async with reached(own_home, "sh", "-c", "exec yes") as (manager, _):
        with pytest.raises(OwnerError, match="NoHelloError"):
            await manager.counts()
    async with reached(own_home, "/nonexistent") as (manager, _):
        with pytest.raises(OwnerError, match="NotStartedError"):
            await manager.counts()


async def test_after_a_failure_it_is_tried_again_only_later(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distant, "FIRST_PAUSE_S", 300.0)  # however long the asking takes here
    tries = tmp_path / "tries"
    async with reached(own_home, "sh", "-c", f"echo x >> {tries}; exit 1") as (manager, _):
        for _ in range(20):
            with pytest.raises(OwnerError):
                await manager.counts()
        assert tries.read_text() == "x\n"


async def test_it_ends_with_its_input_and_writes_nothing_but_the_protocol(own_home: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *STDIO,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONVERBOSE": ""},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    machine = Channels(initiator=True, version="1")
    process.stdin.write(machine.outgoing())
    first = await process.stdout.readline()
    assert first.startswith(hello("x")[:-3])
    process.stdin.close()
    async with asyncio.timeout(30):
        seen = machine.receive(first + await process.stdout.read())
        assert [type(event) for event in seen] == [Greeted, Told]
        assert machine.receive(pack(Kind.PING)) == [], "and not a byte more"
        assert await process.wait() == 0


async def test_who_does_not_keep_the_protocol_is_hung_up_on(own_home: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *STDIO, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(30):
        out, _ = await process.communicate(hello("1") + bytes(1_000))
    assert out.startswith(hello("x")[:-3])
    assert process.returncode == 0


def test_a_person_who_calls_it_is_told_what_it_is_for(own_home: Path) -> None:
    ran = subprocess.run(
        STDIO, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=50, check=False
    )
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert "tasktui --host NAME" in ran.stderr


async def test_silence_of_the_other_end_is_noticed(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process = await asyncio.create_subprocess_exec(
        *STDIO, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    monkeypatch.setattr("tasktui.service.pipe.TICK_S", 0.25)
    channels = Channels(initiator=True, version="1")
    pipe = Pipe((process.stdout, process.stdin), channels, patience=12, asks=True)
    running = asyncio.ensure_future(pipe.run())
    assert await pipe.greeted()
    asked = asyncio.get_running_loop().time()
    while asyncio.get_running_loop().time() < asked + 15 * 0.25:
        await asyncio.wait({running}, timeout=0.5)
        assert pipe.why is None, "it answers pings"
    process.send_signal(signal.SIGSTOP)
    async with asyncio.timeout(30):
        await running
    assert isinstance(pipe.why, PipeSilentError)
    process.kill()
    await process.wait()


async def test_a_program_that_hangs_is_ended(own_home: Path) -> None:
    before = {*psutil.Process().children()}
    with pytest.raises((UnusableError, TimeoutError)):
        async with asyncio.timeout(0.5):
            await Program.start(("sh", "-c", "trap '' TERM; exec sleep 30"), version="1")
    async with asyncio.timeout(20):
        while not before.issuperset(living()):
            await asyncio.sleep(0.02)
