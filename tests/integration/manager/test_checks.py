"""Checks for real: programs under supervision in the directory of the task, patches by git."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tasktui.bootstrap.house import House, acquire
from tasktui.config import Config
from tasktui.domain.requests import GateRun, Metadata, TaskDetail
from tasktui.domain.spec import TaskSpec
from tasktui.manager.manager import LocalManager


@pytest.fixture
async def manager(own_home: Path) -> AsyncIterator[LocalManager]:
    lock = acquire(own_home)
    assert lock is not None
    house = await House.open(Config(home=own_home), lock)
    try:
        yield house.manager
    finally:
        await house.close("cancel")
        lock.release()


async def task_in(manager: LocalManager, cwd: Path) -> str:
    spec = TaskSpec.model_validate({"work": {"kind": "shell", "argv": ["true"]}, "cwd": str(cwd)})
    task = await manager.submit(spec, env=dict(os.environ))
    await manager.wait(task.id, timeout_s=40)
    return task.id


def kept(detail: TaskDetail, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(json.loads(one.record) for one in detail.evidence if one.kind == kind)
    return found


@pytest.mark.feature(68, 129)
async def test_a_gate_runs_where_the_task_ran(manager: LocalManager, tmp_path: Path) -> None:
    task_id = await task_in(manager, tmp_path)
    line = 'pwd; echo "$TASKTUI_TASK_ID" >&2; exit 3'
    detail = await manager.run_gate(task_id, GateRun(("sh", "-c", line), "test"))
    gate = kept(detail, "gate")
    assert (gate["status"], gate["exit_code"], gate["cwd"]) == ("failed", 3, str(tmp_path))
    log = next(one for one in detail.artifacts if one.path == gate["log_path"])
    assert (await manager.read_artifact(task_id, log.artifact_id)).data.decode() == f"{tmp_path}\n{task_id}\n"


@pytest.mark.feature(68)
async def test_a_gate_that_takes_too_long_is_ended_with_all_that_it_started(
    manager: LocalManager, tmp_path: Path
) -> None:
    task_id = await task_in(manager, tmp_path)
    line = "sleep 300 & echo $! > pid; sleep 300"
    gate = kept(await manager.run_gate(task_id, GateRun(("sh", "-c", line), timeout_ms=1_000)), "gate")
    assert (gate["status"], gate["classification"]) == ("timeout", "timeout")
    assert gate["duration_ms"] >= 1_000
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


def git(cwd: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    done = subprocess.run(["git", *who, *words], cwd=cwd, check=True, capture_output=True, timeout=40)
    return done.stdout.decode().strip()


@pytest.mark.feature(130)
@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
async def test_a_patch_is_held_against_its_base_and_nothing_is_changed(
    manager: LocalManager, tmp_path: Path
) -> None:
    git(tmp_path, "init", "-q")
    file = tmp_path / "a.txt"
    file.write_text("one\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    base = git(tmp_path, "rev-parse", "HEAD")
    file.write_text("two\n")
    (tmp_path / "a.diff").write_text(git(tmp_path, "diff") + "\n")
    (tmp_path / "below").mkdir()
    task_id = await task_in(manager, tmp_path / "below")
    assert await verdict(manager, task_id, base_sha=base) == f"git apply --check: applies cleanly to {base}"
    told = await verdict(manager, task_id)
    assert "a.txt" in told
    assert "patch does not apply" in told
    assert "gone" in await verdict(manager, task_id, base_ref="gone")
    assert file.read_text() == "two\n"
    assert git(tmp_path, "diff", "--cached") == ""


async def verdict(manager: LocalManager, task_id: str, **base: object) -> str:
    attempt: dict[str, object] = {"id": "a", "patch_path": "../a.diff", **base}
    await manager.record_metadata(task_id, Metadata(attempt=attempt))
    (told,) = kept(await manager.verify_attempt(task_id, "a"), "attempt")["verification"]
    return str(told)


@pytest.mark.feature(130)
async def test_without_a_repository_the_verdict_says_so(manager: LocalManager, tmp_path: Path) -> None:
    task_id = await task_in(manager, tmp_path)
    assert await verdict(manager, task_id) == f"git apply --check: no git repository: {tmp_path}"
