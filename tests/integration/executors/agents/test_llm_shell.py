"""Command lines of the agent for a key alone: told as they go, ended with what they started."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import psutil
import pytest

from tasktui.executors.agents.llm.program import shell

NOTHING = frozenset[str]()


async def run(command: str, cwd: Path, timeout_s: float = 20, told: list[str] | None = None) -> shell.Ran:
    return await shell.run(command, str(cwd), timeout_s, NOTHING, [].append if told is None else told.append)


async def test_output_and_exit_code(tmp_path):
    told: list[str] = []
    ran = await run("echo out; echo err >&2; exit 3", tmp_path, told=told)
    assert (ran.code, ran.output, ran.late) == (3, "out\nerr\n", False)
    assert "".join(told) == "out\nerr\n"
    assert ran.told().endswith("(exit code 3)")


async def test_a_long_output_keeps_both_ends(tmp_path):
    ran = await run("seq 1 100000", tmp_path)
    assert ran.output.startswith("1\n2\n")
    assert ran.output.endswith("\n100000\n")
    assert "bytes left out" in ran.output
    assert len(ran.output) < 3 * shell.HEAD


async def test_the_names_of_keys_are_not_passed_on(tmp_path, monkeypatch):
    monkeypatch.setenv("KEY_OF_MINE", "secret")
    ran = await shell.run("env", str(tmp_path), 20, frozenset({"KEY_OF_MINE"}), lambda _: None)
    assert "KEY_OF_MINE" not in ran.output
    assert "PATH=" in ran.output


async def test_one_whose_time_is_up_is_stopped_even_where_it_ignores_that(tmp_path):
    ran = await run("trap '' TERM; echo $$; while true; do sleep 0.1; done", tmp_path, timeout_s=1)
    assert ran.late
    assert "its time was up" in ran.told()
    assert not psutil.pid_exists(int(ran.output.split()[0]))


async def test_a_cancel_ends_it(tmp_path):
    told: list[str] = []
    work = asyncio.create_task(run("echo $$; sleep 60", tmp_path, told=told))
    async with asyncio.timeout(20):
        while not told:
            await asyncio.sleep(0.01)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert not psutil.pid_exists(int(told[0]))


async def test_what_is_left_behind_with_the_output_open_holds_nobody_up(tmp_path):
    begun = time.monotonic()
    # it is in its own session before it says so: what is still in ours at the end is ended with it
    command = "setsid sh -c 'echo $$ > pid; exec sleep 40' & until [ -s pid ]; do sleep 0.05; done; cat pid"
    ran = await run(command, tmp_path)
    assert time.monotonic() - begun < 30
    os.kill(int(ran.output), 9)


@pytest.mark.parametrize("last", ["true", "sleep 60"])
async def test_nothing_of_a_command_is_left(tmp_path, last):
    """Also where the first one to end is not the last, and the last ignores SIGTERM."""
    stays = "sh -c 'trap \"\" TERM; echo $$ > pid; exec sleep 60'"
    ran = await run(
        f"{stays} & until [ -s pid ]; do sleep 0.05; done; cat pid; {last}", tmp_path, timeout_s=2
    )
    left = [int(word) for word in ran.output.split() if word.isdigit()]
    assert left, ran.output
    deadline = time.monotonic() + 20
    while any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in left):
        assert time.monotonic() < deadline, left
        await asyncio.sleep(0.02)
