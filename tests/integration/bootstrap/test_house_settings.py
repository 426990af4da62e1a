"""What a house is told by its settings holds for real tasks."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tasktui.bootstrap.house import House, acquire
from tasktui.bootstrap.logfile import begin_log, end_log, log_path
from tasktui.bootstrap.repairs import repair_was_read, unread_repair
from tasktui.config import load
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import Reason, Status


@asynccontextmanager
async def house(home: Path, **settings: Any) -> AsyncIterator[House]:
    """Open a house with these settings; at the end its work is canceled."""
    lock = acquire(home)
    assert lock is not None
    config = dataclasses.replace(load({"home": home}, environ={}).config, **settings)
    async with asyncio.timeout(50):
        made = await House.open(config, lock)
        try:
            yield made
        finally:
            await made.close("cancel")
            lock.release()


async def printed(made: House, task_id: str, text: str) -> None:
    while text not in (await made.manager.output(task_id)).data.decode():
        await asyncio.sleep(0.01)


def shell(command: str, **more: Any) -> TaskSpec:
    return TaskSpec(work=ShellWork(command=command), cwd="/", **more)


async def test_a_task_has_as_long_as_the_settings_say_to_end(own_home: Path) -> None:
    async with house(own_home, cancel_grace_s=30.0) as made:
        command = "trap 'sleep 4; echo tidied; exit 0' TERM; echo ready; while :; do sleep 0.1; done"
        slow = (await made.manager.submit(shell(command), env={"PATH": "/bin:/usr/bin"})).id
        await printed(made, slow, "ready")
        await made.manager.cancel(slow)
        row = await made.manager.wait(slow)
        assert (row.status, row.terminal_reason) == (Status.CANCELED, Reason.CANCELED)
        await printed(made, slow, "tidied")


async def test_a_task_that_does_not_end_is_killed_after_it(own_home: Path) -> None:
    async with house(own_home, cancel_grace_s=0.1) as made:
        command = "trap '' TERM; echo ready; while :; do sleep 0.1; done"
        deaf = (await made.manager.submit(shell(command), env={"PATH": "/bin:/usr/bin"})).id
        await printed(made, deaf, "ready")
        asked = time.monotonic()
        await made.manager.cancel(deaf)
        await made.manager.wait(deaf)
        assert time.monotonic() - asked < 3.0, "killed long before the default grace"


async def test_only_wanted_files_of_a_watched_directory_are_artifacts(own_home: Path, tmp_path: Path) -> None:
    watched = tmp_path / "watched"
    watched.mkdir()
    async with house(own_home, artifact_globs=("*.xml",)) as made:
        command = f'echo 1 > {watched}/a.xml; echo 1 > {watched}/b.txt; echo 1 > "$TASKTUI_ARTIFACTS/c.txt"'
        task = await made.manager.submit(shell(command, watch=(str(watched),)), env={"PATH": "/bin:/usr/bin"})
        await made.manager.wait(task.id)
        labels = {artifact.label for artifact in (await made.manager.artifacts(task.id)).items}
        assert labels == {"a.xml", "c.txt"}


async def test_a_repair_is_kept_until_it_is_read_and_logged(own_home: Path) -> None:
    async with house(own_home) as made:
        task = await made.manager.submit(shell("true"), env={"PATH": "/bin:/usr/bin"})
        await made.manager.wait(task.id)
    (own_home / "tasks" / "junk").mkdir()
    (own_home / "tasktui.db").write_bytes(b"not a database" * 1000)
    begin_log(own_home)
    try:
        async with house(own_home) as made:
            assert (await made.manager.get(task.id)).row.status is Status.COMPLETED
    finally:
        end_log(own_home)
    repaired = unread_repair(own_home)
    assert repaired is not None
    assert (repaired.rebuilt, repaired.unreadable) == (1, ("junk",))
    assert Path(repaired.moved_to).read_bytes().startswith(b"not a database")
    assert repaired.sentence == (
        f"The database was damaged. It was moved to {repaired.moved_to}, "
        "and 1 task was rebuilt from its directory; 1 could not be read."
    )
    assert repaired.sentence in log_path(own_home).read_text()
    assert (own_home / "repaired.json").stat().st_mode & 0o777 == 0o600
    repair_was_read(own_home)
    assert unread_repair(own_home) is None


async def test_a_house_that_was_closed_knows_whether_it_left_work(own_home: Path) -> None:
    """Also what was asked for after somebody had looked, so that a next owner is started for it."""
    for command, left in (("true", False), ("sleep 60", True)):
        async with house(own_home) as made:
            assert await made.manager.busy() == 0
            task_id = (await made.manager.submit(shell(command), env={"PATH": "/bin:/usr/bin"})).id
            if not left:
                await made.manager.wait(task_id)
            await made.close("detach")
            assert made.left_work is left
    async with house(own_home) as made:
        assert await made.manager.busy() == 1, "it goes on"
