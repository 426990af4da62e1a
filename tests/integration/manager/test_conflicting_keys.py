"""Many clients want the same keys: exactly the allowed tasks run, each once, and never two with one key."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from tasktui.domain.errors import TaskConflictError
from tasktui.domain.records import StoredEvent
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import Status
from tasktui.service.client import RemoteManager
from tasktui.store.sqlite.store import SQLiteStore
from tests.contract.managers import Room, remote

CLIENTS = 8
MODES = ("raise", "return", "queue", "cancel")


def _spec(number: int, keys: int) -> TaskSpec:
    mode = MODES[number % len(MODES)]
    return TaskSpec.model_validate({
        "work": ShellWork(command="quick"), "on_conflict": mode, "exclusive_key": f"k{number % keys}",
        "lane": f"l{number % 3}", "idempotency_key": f"n{number}" if number % 5 == 0 else None,
    })  # fmt: skip


async def _submit(manager: RemoteManager, numbers: list[int], keys: int) -> list[str]:
    accepted = []
    for number in numbers:
        try:
            accepted.append((await manager.submit(_spec(number, keys))).id)
        except TaskConflictError:
            accepted.append("")
    return accepted


async def _all_ended(room: Room) -> None:
    while await room.manager.busy():
        await asyncio.sleep(0.05)


async def _many(home: Path, number: int, keys: int) -> None:
    store = SQLiteStore(home / "tasktui.db")
    async with remote(home, store) as room:
        clients = [RemoteManager(home) for _ in range(CLIENTS)]
        # each number is asked for by two clients: an idempotency key makes them one
        shares = [[n for n in range(number) if n % CLIENTS in {i, (i + 1) % CLIENTS}] for i in range(CLIENTS)]
        answers = await asyncio.gather(
            *(_submit(client, share, keys) for client, share in zip(clients, shares, strict=True))
        )
        await _all_ended(room)
        for client in clients:
            await client.close()
        ids = {task_id for accepted in answers for task_id in accepted if task_id}
        log = await store.read(limit=10**9)
        assert {event.task_id for event in log if event.type == "task.created"} == ids
        assert Counter(room.executor.started).most_common(1)[0][1] == 1
        _check_ends(log, ids)
        await _check_keys(store, log)


def _check_ends(log: list[StoredEvent], ids: set[str]) -> None:
    ends = Counter(event.task_id for event in log if event.type == "task.finished")
    assert ends == Counter(ids)


async def _check_keys(store: SQLiteStore, log: list[StoredEvent]) -> None:
    """No key has two tasks between start and end; those that were not canceled ran."""
    running: dict[str, set[str]] = defaultdict(set)
    rows = {row.id: row for task_id in {event.task_id for event in log} if (row := await store.row(task_id))}
    started = {event.task_id for event in log if event.type == "task.started"}
    for row in rows.values():
        assert (row.status is Status.COMPLETED) <= (row.id in started)
        assert row.status in {Status.COMPLETED, Status.CANCELED}
    numbers = Counter(row.idempotency_key for row in rows.values() if row.idempotency_key)
    assert max(numbers.values()) == 1
    for event in log:
        if event.task_id not in rows:
            continue
        key = rows[event.task_id].exclusive_key or ""
        if event.type == "task.started":
            running[key].add(event.task_id)
            assert len(running[key]) == 1
        elif event.type == "task.finished":
            running[key].discard(event.task_id)


@pytest.mark.feature(20, 23)
async def test_conflicting_submits_of_eight_clients(own_home: Path) -> None:
    async with asyncio.timeout(50):
        await _many(own_home, 300, 12)


@pytest.mark.soak
@pytest.mark.timeout(1_800)
async def test_ten_thousand_conflicting_submits_of_eight_clients(own_home: Path) -> None:
    await _many(own_home, 5_000, 40)
