"""The owner dies at each place that has a name: what was acknowledged survives, nothing runs twice."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tasktui import crashpoint
from tasktui.domain.query import EVERYTHING
from tasktui.domain.status import Reason, Status
from tests.integration.manager.shell_owner import owner

ACKNOWLEDGED = ("claim.committed", "launch.begun", "finish.before_commit", "finish.committed")


async def die_at(label: str, home: Path, line: str, retries: int = 0) -> str:
    """Run an owner that dies at a place; return what it had acknowledged."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.integration.manager.shell_owner", str(home), line, str(retries)),
        env=os.environ | {"TASKTUI_CRASH_AT": label},
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(50):
        said, _ = await process.communicate()
    assert process.returncode == crashpoint.EXIT_CODE
    return said.decode().strip()


@pytest.mark.parametrize("label", ["submit.committed", *ACKNOWLEDGED])
@pytest.mark.feature(99, 101)
async def test_a_task_that_was_accepted_runs_once(label: str, own_home: Path, tmp_path: Path) -> None:
    mark = tmp_path / "runs"
    said = await die_at(label, own_home, f"echo ran >> {mark}; exit 6")
    async with owner(own_home) as here:
        rows = (await here.manager.page(EVERYTHING)).items
        assert len(rows) == 1
        assert said in {"", rows[0].id}
        row = await here.manager.wait(rows[0].id)
        assert (row.status, row.terminal_reason, row.exit_code) == (Status.FAILED, Reason.EXIT_NONZERO, 6)
        assert (row.run_no, mark.read_text()) == (1, "ran\n")
        types = [event.type for event in (await here.manager.timeline(row.id)).items]
        assert types.count("task.started") == types.count("task.finished") == 1
    assert not (own_home / "tasks" / row.id / "env").exists()


@pytest.mark.parametrize("label", ACKNOWLEDGED)
@pytest.mark.feature(99, 101)
async def test_each_run_of_a_task_that_runs_again_happens_once(
    label: str, own_home: Path, tmp_path: Path
) -> None:
    """The owner dies at its second run; the first one's end, which still lies there, is not taken for it."""
    mark = tmp_path / "runs"
    line = f'echo $TASKTUI_RUN >> {mark}; [ "$TASKTUI_RUN" = 2 ]'
    task_id = await die_at(f"{label}:2", own_home, line, retries=1)
    async with owner(own_home) as here:
        row = await here.manager.wait(task_id)
        assert (row.status, row.exit_code, row.run_no) == (Status.COMPLETED, 0, 2)
        assert mark.read_text() == "1\n2\n"


async def test_a_task_that_was_not_accepted_did_not_happen(own_home: Path, tmp_path: Path) -> None:
    mark = tmp_path / "runs"
    assert await die_at("submit.after_files", own_home, f"echo ran >> {mark}") == ""
    async with owner(own_home) as here:
        assert await here.manager.count(EVERYTHING) == 0
        again = await here.submit(f"echo ran >> {mark}")
        assert (await here.manager.wait(again)).status is Status.COMPLETED
    assert mark.read_text() == "ran\n"
