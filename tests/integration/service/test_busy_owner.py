"""An owner that is only busy is waited for; one whose process stands still is not."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tasktui.domain.errors import OwnerError, TaskConflictError
from tasktui.service.asking import PATIENCE_S, answers, call
from tasktui.service.client import RemoteManager
from tests.contract.managers import spec

PROGRAM = Path(__file__).with_name("busy_owner.py")
BUSY_S = 2 * PATIENCE_S + 1


@pytest.fixture
def owner(own_home: Path) -> Iterator[subprocess.Popen[bytes]]:
    env = os.environ | {"TASKTUI_HOME": str(own_home), "BUSY_S": str(BUSY_S)}
    process = subprocess.Popen([sys.executable, str(PROGRAM)], env=env)
    try:
        deadline = time.monotonic() + 40
        while not answers(own_home):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.wait(timeout=10)


async def test_a_busy_owner_is_waited_for_and_has_the_task_once(
    owner: subprocess.Popen[bytes], own_home: Path
) -> None:
    remote = RemoteManager(own_home)
    async with asyncio.timeout(50):
        owner.send_signal(signal.SIGUSR1)
        while answers(own_home, within_s=0.1):
            await asyncio.sleep(0.01)
        task = await remote.submit(spec("quick"))
        assert (await remote.counts()).total == 1
        assert (await remote.get(task.id)).id == task.id
    await remote.close()


def test_a_command_waits_for_a_busy_owner_too(owner: subprocess.Popen[bytes], own_home: Path) -> None:
    owner.send_signal(signal.SIGUSR1)
    while answers(own_home, within_s=0.1):
        time.sleep(0.01)
    assert call(own_home, "GET", "/v1/counts")["total"] == 0


async def test_after_an_owner_stood_still_the_same_submit_makes_one_task(
    owner: subprocess.Popen[bytes], own_home: Path
) -> None:
    remote = RemoteManager(own_home)
    async with asyncio.timeout(50):
        os.kill(owner.pid, signal.SIGSTOP)
        with pytest.raises(OwnerError, match=f"kill -CONT {owner.pid}") as said:
            await remote.submit(spec("quick"))
        task_id = str(said.value.details["task_id"])
        os.kill(owner.pid, signal.SIGCONT)
        with suppress(TaskConflictError):
            await remote.submit(spec("quick"), task_id=task_id)
        assert (await remote.get(task_id)).id == task_id
        assert (await remote.counts()).total == 1
    await remote.close()
