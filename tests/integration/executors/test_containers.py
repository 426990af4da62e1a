"""Tasks in containers, over a scripted engine: how they start and end, and that no container is left."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tasktui.bootstrap.house import House, acquire
from tasktui.config import Config
from tasktui.domain.errors import InvalidError, UnavailableError
from tasktui.domain.requests import Answer
from tasktui.domain.spec import Container, ShellWork, TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.executors.containers import Containers
from tasktui.executors.run_files import read_head
from tasktui.executors.sweep import list_marked
from tests.integration.executors.agents.claude_house import opened as agents_opened
from tests.integration.executors.container_engine import FakeEngine, engine
from tests.integration.executors.processes import until

STUBBORN = "trap '' TERM; echo up; while :; do sleep 0.05; done"


@pytest.fixture
def fake(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    with engine(tmp_path_factory.mktemp("e")) as running:
        monkeypatch.setenv("PATH", str(running.bin), prepend=":")
        yield running


@asynccontextmanager
async def opened(home: Path, mode: Any = "cancel") -> AsyncIterator[House]:
    lock = acquire(home)
    assert lock is not None
    house = await House.open(Config(home=home, cancel_grace_s=0.3), lock)
    try:
        async with asyncio.timeout(25):
            yield house
    finally:
        await house.close(mode)
        lock.release()


def boxed(cwd: Path, command: str, image: str = "alpine", **more: Any) -> TaskSpec:
    about = {name: more.pop(name) for name in ("env", "mounts") if name in more}
    return TaskSpec(
        work=ShellWork(command=command), cwd=str(cwd), container=Container(image=image, **about), **more
    )


def kill_marked(directory: Path) -> None:
    """Kill the processes that carry the mark of a run, by their ids: the client, not its container."""
    head = read_head(directory)
    assert head is not None
    for pid in (pid for pid, mark in list_marked().items() if mark == head.mark):
        os.kill(pid, signal.SIGKILL)


async def started(house: House, fake: FakeEngine, spec: TaskSpec) -> str:
    """Submit it and return its id when its container is up."""
    task = await house.manager.submit(spec)
    await until(lambda: f"tasktui-{task.id}-1" in fake.boxes)
    return task.id


async def test_a_command_runs_inside_and_its_secrets_stand_in_no_argv(
    own_home: Path, tmp_path: Path, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "s3cret")
    monkeypatch.setenv("OTHER", "not for it")
    async with opened(own_home) as house:
        command = "cat; pwd; echo $TOKEN/$OTHER/$TASKTUI_TASK_ID; exit 3"
        spec = boxed(tmp_path, command, env=("TOKEN",))
        spec = spec.model_copy(update={"work": ShellWork(command=command, stdin=False)})
        task = await house.manager.submit(spec)
        row = await house.manager.wait(task.id)
        assert (row.status, row.exit_code) == (Status.FAILED, 3)
        output = await house.manager.output(task.id)
        assert output.data.decode().splitlines() == [str(tmp_path), f"s3cret//{task.id}"]
        (run,) = fake.said("run")
        assert "s3cret" not in " ".join(run)
        assert {f"--label=tasktui.task={task.id}", f"--name=tasktui-{task.id}-1", "alpine"} <= set(run)
        assert fake.said("rm") == [["rm", "--force", "--volumes", f"tasktui-{task.id}-1"]]


async def test_a_cancel_stops_by_name(own_home: Path, tmp_path: Path, fake: FakeEngine) -> None:
    fake.proxies = False
    async with opened(own_home) as house:
        task_id = await started(house, fake, boxed(tmp_path, "while :; do sleep 0.05; done"))
        await house.manager.cancel(task_id)
        row = await house.manager.wait(task_id)
        assert row.status is Status.CANCELED
        assert fake.said("stop") == [["stop", "--time=1", f"tasktui-{task_id}-1"]]
        assert fake.boxes == {}


@pytest.mark.parametrize("how", ["cancel", "deadline", "client killed"])
async def test_no_container_is_left_that_does_not_obey(
    own_home: Path, tmp_path: Path, fake: FakeEngine, how: str
) -> None:
    async with opened(own_home) as house:
        spec = boxed(tmp_path, STUBBORN, timeout_s=2.0 if how == "deadline" else 20.0)
        task_id = await started(house, fake, spec)
        if how == "cancel":
            await house.manager.cancel(task_id)
            await house.manager.cancel(task_id, force=True)
        if how == "client killed":
            kill_marked(own_home / "tasks" / task_id)
        row = await house.manager.wait(task_id)
        wanted = {"cancel": Status.CANCELED, "deadline": Status.TIMED_OUT, "client killed": Status.FAILED}
        assert row.status is wanted[how]
        assert fake.boxes == {}


async def test_a_container_outlives_its_owner_and_is_taken_over(
    own_home: Path, tmp_path: Path, fake: FakeEngine
) -> None:
    async with opened(own_home, "detach") as house:
        task_id = await started(
            house, fake, boxed(tmp_path, "until test -e go; do sleep 0.05; done; echo went")
        )
    assert len(fake.boxes) == 1
    async with opened(own_home) as house:
        await until(lambda: bool(fake.said("ps")))
        assert len(fake.boxes) == 1
        (tmp_path / "go").touch()
        row = await house.manager.wait(task_id)
        assert (row.status, row.result_summary) == (Status.COMPLETED, "went")


async def test_what_a_dead_owner_left_is_removed_at_the_start(
    own_home: Path, tmp_path: Path, fake: FakeEngine
) -> None:
    async with opened(own_home) as house:
        await house.manager.wait((await house.manager.submit(boxed(tmp_path, "true"))).id)
    (label,) = [word for word in fake.said("run")[0] if word.startswith("--label=tasktui.home=")]
    fake.start("tasktui-task_gone-1", [label], ["sleep", "60"])
    fake.start("tasktui-task_gone-2", ["--label=tasktui.home=another"], ["sleep", "60"])
    async with opened(own_home):
        await until(lambda: "tasktui-task_gone-1" not in fake.boxes)
    assert list(fake.boxes) == ["tasktui-task_gone-2"], "that of another data directory is not ours"


async def test_without_containers_nobody_asks_for_them_at_the_start(own_home: Path, fake: FakeEngine) -> None:
    assert await Containers(own_home).sweep() == 0
    assert fake.calls == []


async def test_an_image_that_is_not_there(own_home: Path, tmp_path: Path, fake: FakeEngine) -> None:
    async with opened(own_home) as house:
        row = await house.manager.wait((await house.manager.submit(boxed(tmp_path, "true", "missing"))).id)
        assert (row.status, row.terminal_reason) == (Status.FAILED, Reason.EXIT_NONZERO)
        assert row.error_code == "container_not_started"
        assert row.error == ("The container could not be started from missing: Error: no such image: missing")


async def test_a_program_that_the_image_lacks(own_home: Path, tmp_path: Path, fake: FakeEngine) -> None:
    async with opened(own_home) as house:
        row = await house.manager.wait((await house.manager.submit(boxed(tmp_path, "exit 127"))).id)
        assert row.error == "Exit code 127. The program is not in the image alpine."


async def test_what_cannot_be_is_refused_at_once(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    async with opened(own_home) as house:
        with pytest.raises(UnavailableError, match=r"A container needs podman or docker.* install one"):
            await house.manager.submit(boxed(tmp_path, "true"))
        (tmp_path / "docker").write_text("#!/bin/sh\n")
        (tmp_path / "docker").chmod(0o755)
        with pytest.raises(InvalidError, match="To be mounted, but not there: /no/where"):
            await house.manager.submit(boxed(tmp_path, "true", mounts=("/no/where:/x:ro",)))
        (tmp_path / "a,b").mkdir()
        with pytest.raises(InvalidError, match="comma or colon"):
            await house.manager.submit(boxed(tmp_path / "a,b", "true"))


async def test_an_agent_in_a_container(own_home: Path, tmp_path: Path, fake: FakeEngine) -> None:
    async with agents_opened(own_home, tmp_path) as place:
        work = {"kind": "agent", "preset": "claude", "prompt": "permission", "allowed_tools": ["Bash"]}
        spec = {"work": work, "cwd": str(tmp_path), "container": {"image": "agents"}, "timeout_s": 20}
        task = await place.manager.submit(TaskSpec.model_validate(spec))
        row = await place.manager.wait(task.id)
        assert (row.status, row.terminal_reason) == (Status.COMPLETED, Reason.COMPLETED)
        assert "agent: All done." in await place.told(task.id)
        assert len(fake.said("run")) == 1


async def test_no_container_is_left_of_a_run_that_cannot_be_followed(
    own_home: Path, tmp_path: Path, fake: FakeEngine
) -> None:
    async with agents_opened(own_home, tmp_path) as place:
        fake.proxies = False
        work = {"kind": "agent", "preset": "claude", "prompt": "permission"}
        spec = {"work": work, "cwd": str(tmp_path), "container": {"image": "agents"}}
        task = await place.manager.submit(TaskSpec.model_validate(spec))
        await place.reach(task.id, "approval.requested")
        said = own_home / "tasks" / task.id / "said.jsonl"
        said.unlink()
        said.mkdir()  # as a full disk, it takes no line
        await place.manager.answer(task.id, Answer(decision="allow"))
        assert (await place.manager.wait(task.id)).status is Status.FAILED
        assert [call[-1] for call in fake.said("rm")] == [f"tasktui-{task.id}-1"]
        await until(lambda: not fake.boxes)


async def test_a_worktree_in_a_container_has_its_repository(
    own_home: Path, tmp_path: Path, fake: FakeEngine
) -> None:
    project = tmp_path / "project"
    (project / "sub").mkdir(parents=True)
    name = ("-c", "user.name=a", "-c", "user.email=a@b")
    for words in (("init", "-q"), (*name, "commit", "-q", "--allow-empty", "-m", "begin")):
        await asyncio.to_thread(subprocess.run, ["git", "-C", project, *words], check=True, timeout=20)
    async with opened(own_home) as house:
        task = await house.manager.submit(boxed(project / "sub", "git status -sb", worktree=True))
        row = await house.manager.wait(task.id)
        assert (row.status, row.result_summary) == (Status.COMPLETED, f"## tasktui/{task.id}")
        place = own_home / "worktrees" / task.id
        (run,) = fake.said("run")
        assert f"--workdir={place / 'sub'}" in run
        for seen in (place / "sub", place, project / ".git"):
            assert f"--mount=type=bind,source={seen},target={seen}" in run
