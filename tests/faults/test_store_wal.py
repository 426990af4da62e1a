"""The write-ahead log cut, garbled or with bits turned over: what opens is a prefix of what was."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tasktui.domain.events import lifecycle, work
from tasktui.domain.records import StoredEvent
from tasktui.store.sqlite.store import SQLiteStore
from tests.contract.facts import crash_image, created, finished, put, refolded

TASKS = 4
EACH = 100


async def _history(path: Path, target: Path) -> list[StoredEvent]:
    """Live for a while, and leave the files as a killed process does."""
    store = SQLiteStore(path)
    await store.open()
    for number in range(TASKS):
        task_id = f"t{number}"
        await put(store, task_id, created())
        await put(store, task_id, lifecycle.TaskStarted(), run=1)
        for line in range(6):
            await put(
                store, task_id,
                work.MessageCompleted(content=f"line {line} " * 40),
                work.ToolStarted(call_id=str(line), name="x"),
                run=1,
            )  # fmt: skip
        await put(store, task_id, finished(), run=1)
    log = list(await store.read())
    crash_image(path, target)
    await store.close()
    return log


def _cut(wal: bytearray, dice: random.Random) -> None:
    del wal[dice.randrange(len(wal)) :]


def _garble(wal: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(wal))
    wal[at : at + 512] = dice.randbytes(min(512, len(wal) - at))


def _flip(wal: bytearray, dice: random.Random) -> None:
    wal[dice.randrange(len(wal))] ^= 1 << dice.randrange(8)


def _zero(wal: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(wal))
    wal[at:] = bytes(len(wal) - at)


@pytest.mark.timeout(150)
@pytest.mark.parametrize("mutate", [_cut, _garble, _flip, _zero])
async def test_a_damaged_log_leaves_a_prefix(
    tmp_path: Path, mutate: Callable[[bytearray, random.Random], None]
) -> None:
    whole = await _history(tmp_path / "first.db", tmp_path / "killed.db")
    database = (tmp_path / "killed.db").read_bytes()
    wal = (tmp_path / "killed.db-wal").read_bytes()
    assert len(wal) > 20 * 4096
    dice = random.Random(mutate.__name__)
    lengths = set()
    path = tmp_path / "damaged.db"
    for _ in range(EACH):
        damaged = bytearray(wal)
        mutate(damaged, dice)
        for left in tmp_path.glob("damaged.db*"):
            left.unlink()
        path.write_bytes(database)
        path.with_name("damaged.db-wal").write_bytes(damaged)
        lengths.add(await _check_prefix(path, whole))
    assert len(lengths) > 5
    assert max(lengths) <= len(whole)


async def _check_prefix(path: Path, whole: list[StoredEvent]) -> int:
    store = SQLiteStore(path)
    await store.open()
    try:
        assert store.repaired is None
        log = list(await store.read())
        assert log == whole[: len(log)]
        for number in range(TASKS):
            events = [event for event in log if event.task_id == f"t{number}"]
            assert [event.seq for event in events] == list(range(1, len(events) + 1))
            row = await store.row(f"t{number}")
            assert row == (refolded(events) if events else None)
        await put(store, "new", created())
    finally:
        await store.close()
    return len(log)
