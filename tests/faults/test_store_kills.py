"""The process dies at a named place, or anywhere: what was acknowledged is there, nothing is half there."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tasktui.crashpoint import EXIT_CODE
from tasktui.store.sqlite.store import SQLiteStore
from tests.contract.facts import created, put, refolded

ROOT = Path(__file__).parents[2]


def _start(path: Path, **env: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.store_worker", str(path)],
        cwd=ROOT, env=os.environ | env, stdout=subprocess.PIPE,
    )  # fmt: skip


def _acknowledged(output: bytes) -> dict[str, int]:
    """The newest position that was told for each task; a line that was cut off counts for nothing."""
    told: dict[str, int] = {}
    for line in output.splitlines(keepends=True):
        if line.endswith(b"\n"):
            task_id, seq = line.split()
            told[task_id.decode()] = int(seq)
    return told


async def _check(path: Path, told: dict[str, int], *, may_be_deleted: bool = False) -> int:
    store = SQLiteStore(path)
    await store.open()
    try:
        assert store.repaired is None
        for task_id, seq in told.items():
            log = await store.read(task_id=task_id)
            if may_be_deleted and not log:
                assert await store.row(task_id) is None
                continue
            assert [event.seq for event in log] == list(range(1, len(log) + 1))
            assert len(log) >= seq
            row = await store.row(task_id)
            assert row is not None
            assert row.status == refolded(log).status
            assert row.last_seq == len(log)
        epoch = await store.take_epoch(1)
        await put(store, f"after{epoch}", created(), epoch=epoch)
        return await store.head()
    finally:
        await store.close()


@pytest.mark.parametrize(
    "label",
    [
        "store.epoch.before", "store.epoch.after", "store.commit.before:1", "store.commit.after:1",
        "store.commit.before:7", "store.commit.after:7", "store.live.before:2", "store.live.after:2",
        "store.index.before", "store.index.after", "store.delete.before", "store.delete.after",
    ],
)  # fmt: skip
async def test_every_named_place(tmp_path: Path, label: str) -> None:
    path = tmp_path / "tasktui.db"
    worker = _start(path, TASKTUI_CRASH_AT=label)
    output, _ = worker.communicate(timeout=50)
    assert worker.returncode == EXIT_CODE
    assert await _check(path, _acknowledged(output), may_be_deleted="delete" in label) > 0


@pytest.mark.timeout(150)
async def test_killed_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "tasktui.db"
    dice = random.Random(5)
    told: dict[str, int] = {}
    head = 0
    for _ in range(6):
        worker = _start(path)
        assert worker.stdout is not None
        first = worker.stdout.readline()
        time.sleep(dice.random() * 0.4)  # noqa: ASYNC251  # the moment of the kill is what varies
        worker.send_signal(signal.SIGKILL)
        output, _ = worker.communicate(timeout=50)
        told |= _acknowledged(first + output)
        newer = await _check(path, told, may_be_deleted=True)
        assert newer > head
        head = newer
    assert len({task_id.partition("-")[0] for task_id in told}) == 6, "each owner told of some"
