"""FAULTS 4: kill -9 of the owner at any moment loses no acknowledged task, and runs none twice."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tasktui
from tasktui.bootstrap.house import House, acquire
from tasktui.config import load
from tasktui.crashpoint import EXIT_CODE
from tasktui.domain.query import TaskQuery
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import TERMINAL, Status

WORKER = Path(__file__).parent / "house_worker.py"
PATIENCE_S = 50
SOURCES = Path(tasktui.__file__).parent
LABELS = sorted(
    {
        label
        for path in SOURCES.rglob("*.py")
        for label in re.findall(r'reached\("([\w.]+)"\)', path.read_text())
    }
)


def start(home: Path, turn: int | str, count: int, **environ: str) -> subprocess.Popen[str]:
    argv = [sys.executable, str(WORKER), str(home), str(turn), str(count)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=os.environ | environ)


async def settle(home: Path) -> list[TaskRow]:
    """Become the owner, let everything end, and return all tasks."""
    lock = acquire(home)
    assert lock is not None
    house = await House.open(load({"home": home}).config, lock)
    try:
        page = await house.manager.page(TaskQuery(sort="created"), limit=10_000)
        return [await house.manager.wait(row.id, timeout_s=PATIENCE_S) for row in page.items]
    finally:
        await house.close("cancel")
        lock.release()


def lines(home: Path, task_id: str) -> int:
    path = home / "ran" / task_id
    return len(path.read_text().splitlines()) if path.exists() else 0


def check(home: Path, rows: list[TaskRow], acknowledged: set[str]) -> None:
    assert acknowledged <= {row.id for row in rows}
    for row in rows:
        assert row.status in TERMINAL
        assert lines(home, row.id) <= 1, f"{row.id} ran twice"
        if row.status is Status.COMPLETED:
            assert (row.exit_code, lines(home, row.id)) == (3, 1)
        else:
            assert row.status is Status.LOST, row


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home" / "ran").mkdir(parents=True, mode=0o700)
    (tmp_path / "home").chmod(0o700)
    return tmp_path / "home"


def kill_at_random(home: Path, kills: int, seed: int) -> set[str]:
    acknowledged: set[str] = set()
    chance = random.Random(seed)
    for turn in range(kills):
        owner = start(home, turn, 1000)
        assert owner.stdout is not None
        first = owner.stdout.readline()
        time.sleep(chance.uniform(0, 0.12))
        owner.kill()
        rest, _ = owner.communicate(timeout=PATIENCE_S)
        acknowledged |= {*first.split(), *rest.split()}
    return acknowledged


def kill_with_twenty_running(home: Path) -> None:
    worker = WORKER.with_name("twenty_worker.py")
    owner = subprocess.Popen([sys.executable, str(worker), str(home)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "all run\n"
    owner.kill()
    owner.communicate(timeout=PATIENCE_S)


@pytest.mark.timeout(600)
async def test_a_hundred_kills_under_load_lose_nothing_and_run_nothing_twice(home: Path) -> None:
    acknowledged = kill_at_random(home, 100, seed=4)
    rows = await settle(home)
    check(home, rows, acknowledged)
    assert sum(row.status is Status.COMPLETED for row in rows) > len(rows) * 0.95


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_a_thousand_kills(home: Path) -> None:
    acknowledged = kill_at_random(home, 1000, seed=5)
    check(home, await settle(home), acknowledged)


@pytest.mark.parametrize("label", LABELS)
async def test_a_crash_at_each_named_place(home: Path, label: str) -> None:
    crashing = start(home, "a", 3, TASKTUI_CRASH_AT=f"{label}:2")
    out, _ = crashing.communicate(timeout=PATIENCE_S)
    assert crashing.returncode in {EXIT_CODE, 0}
    rows = await settle(home)
    check(home, rows, set(out.split()))


async def test_the_next_owner_has_all_of_twenty_running_tasks(home: Path) -> None:
    kill_with_twenty_running(home)
    lock = acquire(home)
    assert lock is not None
    house = await House.open(load({"home": home}).config, lock)
    try:
        counts = await house.manager.counts()
        assert counts.of(Status.RUNNING) == 20
        (home / "go").touch()
        for number in range(20):
            row = await house.manager.wait(f"n{number}", timeout_s=PATIENCE_S)
            assert (row.status, row.exit_code, row.run_no) == (Status.FAILED, number + 1, 1)
            assert lines(home, row.id) == 1
    finally:
        await house.close("cancel")
        lock.release()
