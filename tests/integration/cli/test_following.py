"""Following a task beside the owner that writes of it: what is told is its own, and nothing waits in vain."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from tasktui.cli.following import Follower
from tasktui.cli.main import call
from tasktui.cli.outlet import Outlet
from tasktui.cli.owners import is_there
from tasktui.domain.errors import OwnerError, StoreError
from tasktui.domain.events import lifecycle
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Status
from tasktui.executors.outputs import FileOutputs
from tasktui.executors.shim.output import RECORD
from tasktui.service.owner import LOCK_NAME, OwnerLock
from tasktui.store.sqlite.reader import Reader
from tasktui.store.sqlite.rebuild import move_aside
from tasktui.store.sqlite.store import SQLiteStore
from tests.contract.facts import created, finished, put, running

PATIENCE_S = 20
FOLLOWER = "the one who follows"


@pytest.fixture
async def store(own_home: Path) -> AsyncIterator[SQLiteStore]:
    own_home.mkdir(mode=0o700)
    made = SQLiteStore(own_home / "tasktui.db")
    await made.open()
    yield made
    await made.close()


def write_run(directory: Path, run: int, said: bytes) -> None:
    """Write the files of a run as a shim does."""
    directory.mkdir(parents=True, exist_ok=True)
    head = {"v": 1, "id": "a", "run": run, "shim": 5, "mark": "m"}
    (directory / "run.json").write_text(json.dumps(head))
    (directory / "out.log").write_bytes(said)
    (directory / "out.idx").write_bytes(RECORD.pack(0, 0, len(said), 1))


def follow(home: Path, beat: Callable[[TaskRow], None]) -> None:
    with Reader.open(home / "tasktui.db") as reader:
        Follower(home, "a", reader, Outlet()).until_end(beat)


async def test_a_run_that_was_only_claimed_has_not_the_output_of_the_one_before(
    own_home: Path, store: SQLiteStore, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Between the claim and the start of its program lies a working tree or a container to be made."""
    loop, directory, beats = asyncio.get_running_loop(), own_home / "tasks" / "a", 0

    def wait_for(step: Coroutine[Any, Any, object]) -> None:
        asyncio.run_coroutine_threadsafe(step, loop).result(20)

    def beat(row: TaskRow) -> None:
        nonlocal beats
        beats += 1
        if beats == 1:
            wait_for(
                put(store, "a", lifecycle.TaskRequeued(from_status=Status.RUNNING, policy="retry"), run=1)
            )
            wait_for(put(store, "a", lifecycle.TaskStarted(), run=2))
        elif beats == 2:
            assert row.run_no == 2
            assert FileOutputs().read(directory, run=2, offset=0, limit=100).data == b""
            former = directory / "run.1"
            former.mkdir()
            for name in ("out.log", "out.idx", "run.json"):
                (directory / name).rename(former / name)
            write_run(directory, 2, b"second, and longer\n")
        else:
            wait_for(put(store, "a", finished(), run=2))

    await running(store, "a", retries=1)
    write_run(directory, 1, b"first\n")
    await asyncio.to_thread(follow, own_home, beat)
    assert capsysbinary.readouterr().out == b"first\nsecond, and longer\n"


def begun(words: list[str]) -> asyncio.Future[int]:
    """Begin a command on a thread that nobody has to wait for; return what will be its exit code."""
    code: Future[int] = Future()
    threading.Thread(target=lambda: code.set_result(call(words)), name=FOLLOWER, daemon=True).start()
    return asyncio.wrap_future(code)


async def ended(following: asyncio.Future[int]) -> int:
    async with asyncio.timeout(PATIENCE_S):
        return await following


@pytest.fixture
def alone(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory whose owner is gone for long; another process has its number by now."""
    own_home.mkdir(mode=0o700)
    told = {"pid": os.getpid(), "epoch": 1, "socket": str(own_home / "s"), "version": ""}
    (own_home / LOCK_NAME).write_text(json.dumps(told))
    monkeypatch.setattr("tasktui.cli.logs.PATIENCE_S", 0.0)
    monkeypatch.setenv("TASKTUI_HOME", str(own_home))
    return own_home


def test_who_has_the_number_of_an_owner_that_is_gone_is_none(alone: Path) -> None:
    assert not is_there(alone)
    lock = OwnerLock.acquire(alone)
    assert lock is not None
    try:
        assert is_there(alone)
    finally:
        lock.release()


async def test_what_no_owner_sees_the_end_of_is_not_followed_for_ever(
    alone: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    made = SQLiteStore(alone / "tasktui.db")
    await made.open()
    await running(made, "a")
    await made.close()
    write_run(alone / "tasks" / "a", 1, b"said\n")
    code = await ended(begun(["logs", "-f", "a"]))
    shown = capsysbinary.readouterr()
    assert (code, shown.out) == (OwnerError.exit_code, b"said\n")
    assert b"tasktui serve" in shown.err


async def test_a_task_that_waits_is_followed_on_and_why_is_said_once(
    alone: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    made = SQLiteStore(alone / "tasktui.db")
    await made.open()
    await put(made, "a", created())
    following = begun(["logs", "-f", "a"])
    said = b""
    while b"does not begin" not in said:
        await asyncio.sleep(0.01)
        said += capsysbinary.readouterr().err
    await put(made, "a", lifecycle.TaskStarted(), finished(), run=1)
    assert await ended(following) == 0
    assert capsysbinary.readouterr().err == b""
    await made.close()


@pytest.mark.parametrize("words", [["wait", "a"], ["logs", "-f", "a"], ["events", "-f"], ["watch"]])
async def test_a_database_that_was_put_aside_is_not_followed_for_ever(
    alone: Path,
    words: list[str],
    capsysbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rests, rest = threading.Event(), time.sleep

    def noted(pause_s: float) -> None:
        if threading.current_thread().name == FOLLOWER:
            rests.set()
        rest(pause_s)

    monkeypatch.setattr(time, "sleep", noted)
    store, lock = SQLiteStore(alone / "tasktui.db"), OwnerLock.acquire(alone)
    assert lock is not None
    await store.open()
    await running(store, "a")
    write_run(alone / "tasks" / "a", 1, b"said\n")
    following = begun(words)
    await asyncio.to_thread(rests.wait, PATIENCE_S)
    move_aside(alone / "tasktui.db")
    assert await ended(following) == StoreError.exit_code
    assert b"put aside" in capsysbinary.readouterr().err
    await store.close()
    lock.release()
