"""Many clients want the same keys: exactly the allowed tasks run, each once, and never two with one key."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

from tasktui.domain.records import StoredEvent
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Status
from tasktui.store.sqlite.store import SQLiteStore
from tests.contract.managers import Room, remote
from tests.integration.manager.submitting_client import request, shares

CLIENTS = 8
PROGRAM = Path(__file__).with_name("submitting_client.py")


async def _client(number: int, submits: int, keys: int) -> list[tuple[int, str]]:
    """Run a client as a process of its own; return which task it got for which number."""
    words = map(str, (number, CLIENTS, submits, keys))
    process = await asyncio.create_subprocess_exec(
        sys.executable, PROGRAM, *words, stdout=asyncio.subprocess.PIPE
    )
    try:
        out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0
    return [(n, task_id) for n, task_id in json.loads(out)]


async def _all_ended(room: Room) -> None:
    while await room.manager.busy():
        await asyncio.sleep(0.05)


async def _many(home: Path, number: int, keys: int) -> None:
    store = SQLiteStore(home / "tasktui.db")
    began = time.monotonic()
    async with remote(home, store) as room:
        async with asyncio.TaskGroup() as group:
            clients = [group.create_task(_client(n, number, keys)) for n in range(CLIENTS)]
        answers = [one for client in clients for one in client.result()]
        assert len(answers) == sum(len(shares(n, CLIENTS, number)) for n in range(CLIENTS)) == 2 * number
        await _all_ended(room)
        log = await store.read(limit=10**9)
        ids = {task_id for _, task_id in answers if task_id}
        assert {event.task_id for event in log if event.type == "task.created"} == ids
        assert set(Counter(room.executor.started).values()) == {1}
        rows = {row.id: row for row in await store.rows_of(sorted(ids))}
        assert len(rows) == len(ids)
        _check_answers(answers, rows, keys)
        _check_ends(log, rows)
        _check_keys(log, rows)
    took = time.monotonic() - began
    print(f"{2 * number} submits: {len(ids)} tasks, {len(room.executor.started)} runs in {took:.0f} s")  # noqa: T201  # for who runs it by hand


def _check_answers(answers: list[tuple[int, str]], rows: dict[str, TaskRow], keys: int) -> None:
    """Refusals only where they were asked for; one idempotency key is one task."""
    named: dict[str, set[str]] = defaultdict(set)
    for number, task_id in answers:
        spec = request(number, keys)
        assert task_id or spec.on_conflict == "raise"
        if task_id:
            assert rows[task_id].exclusive_key == spec.exclusive_key
        if task_id and spec.idempotency_key and rows[task_id].idempotency_key == spec.idempotency_key:
            named[spec.idempotency_key].add(task_id)
    assert {len(ids) for ids in named.values()} <= {1}
    once = Counter(row.idempotency_key for row in rows.values() if row.idempotency_key)
    assert max(once.values()) == 1


def _check_ends(log: Sequence[StoredEvent], rows: dict[str, TaskRow]) -> None:
    ends = Counter(event.task_id for event in log if event.type == "task.finished")
    assert ends == Counter(dict.fromkeys(rows, 1))
    started = Counter(event.task_id for event in log if event.type == "task.started")
    assert max(started.values()) == 1
    for row in rows.values():
        assert row.status in {Status.COMPLETED, Status.CANCELED}
        assert row.status is Status.CANCELED or row.id in started


def _check_keys(log: Sequence[StoredEvent], rows: dict[str, TaskRow]) -> None:
    """No key has two tasks between start and end."""
    running: dict[str | None, set[str]] = defaultdict(set)
    for event in log:
        if event.type == "task.started":
            key = rows[event.task_id].exclusive_key
            running[key].add(event.task_id)
            assert len(running[key]) == 1
        elif event.type == "task.finished":
            running[rows[event.task_id].exclusive_key].discard(event.task_id)


@pytest.mark.timeout(180)
@pytest.mark.feature(20, 23)
async def test_conflicting_submits_of_eight_clients(own_home: Path) -> None:
    async with asyncio.timeout(150):
        await _many(own_home, 120, 12)


@pytest.mark.soak
@pytest.mark.timeout(1_800)
async def test_ten_thousand_conflicting_submits_of_eight_clients(own_home: Path) -> None:
    await _many(own_home, 5_000, 40)
