"""Tasks in containers of the real podman, whose image is made here of busybox alone: no registry is asked."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasktui.domain.status import Reason, Status
from tasktui.executors.containers import Containers
from tests.integration.executors.processes import until
from tests.integration.executors.test_containers import STUBBORN, boxed, kill_marked, opened

pytestmark = [pytest.mark.soak, pytest.mark.timeout(120)]
IMAGE = "localhost/tasktui-tests:1"
TOOLS = ("sh", "sleep", "echo", "cat", "env", "id", "touch", "head", "tr", "true")
SETTINGS = """
[engine]
{runtime}
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
"""
"""Limits that a machine without CAP_SYS_RESOURCE can set."""


def podman(*words: str) -> str:
    """Return what podman says."""
    ran = subprocess.run(["podman", *words], capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


@pytest.fixture
def image(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The image, and settings with which containers run here."""
    busybox = shutil.which("busybox")
    if shutil.which("podman") is None or busybox is None:
        pytest.skip("this needs podman and busybox: apt-get install podman catatonit runc busybox-static")
    place = tmp_path_factory.mktemp("image")
    settings = place / "containers.conf"
    runtime = 'runtime = "runc"' if shutil.which("runc") else ""
    settings.write_text(SETTINGS.format(runtime=runtime))
    monkeypatch.setenv("CONTAINERS_CONF", str(settings))
    with tarfile.open(place / "root.tar", "w") as tar:
        tar.add(busybox, "bin/busybox")
        for tool in TOOLS:
            link = tarfile.TarInfo(f"bin/{tool}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
    podman("import", str(place / "root.tar"), IMAGE)
    yield IMAGE
    podman("rmi", "--force", IMAGE)


def names(home: Path) -> list[str]:
    """Return the containers of a data directory, stopped ones too."""
    label = f"label=tasktui.home={Containers(home)._word}"
    return podman("ps", "--all", f"--filter={label}", "--format={{.Names}}").split()


async def is_up(home: Path) -> None:
    await until(lambda: any(podman("ps", "--quiet", f"--filter=name={name}") for name in names(home)))


async def test_a_command_runs_inside_with_its_directory_and_limits(
    own_home: Path, tmp_path: Path, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "s3cret")
    monkeypatch.setenv("OTHER", "not for it")
    async with opened(own_home) as house:
        command = "echo $TOKEN/$OTHER > seen.txt; id -u; cat /proc/1/status | head -1; exit 3"
        spec = boxed(tmp_path, command, image, env=("TOKEN",), timeout_s=30)
        row = await house.manager.wait((await house.manager.submit(spec)).id)
        assert (row.status, row.exit_code) == (Status.FAILED, 3), row.error
        assert (tmp_path / "seen.txt").read_text() == "s3cret/\n"
        assert (tmp_path / "seen.txt").stat().st_uid == os.getuid()
        assert names(own_home) == []


async def test_memory_is_limited_and_the_root_is_read_only(
    own_home: Path, tmp_path: Path, image: str
) -> None:
    async with opened(own_home) as house:
        spec = boxed(tmp_path, "touch /there 2>&1; head -c 200m /dev/zero | tr '\\0' x | sh", image)
        limits = {"memory": "32m", "read_only": True, "network": "none"}
        box = spec.container
        assert box is not None
        spec = spec.model_copy(update={"container": box.model_copy(update=limits)})
        task = await house.manager.submit(spec)
        row = await house.manager.wait(task.id)
        assert row.status is Status.FAILED
        output = (await house.manager.output(task.id)).data.decode()
        assert "Read-only file system" in output


async def test_a_cancel_stops_by_name_what_does_not_obey(own_home: Path, tmp_path: Path, image: str) -> None:
    async with opened(own_home) as house:
        task = await house.manager.submit(boxed(tmp_path, STUBBORN, image, timeout_s=60))
        await is_up(own_home)
        assert names(own_home) == [f"tasktui-{task.id}-1"]
        label = podman("inspect", names(own_home)[0], '--format={{index .Config.Labels "tasktui.task"}}')
        assert label == task.id
        await house.manager.cancel(task.id)
        assert (await house.manager.wait(task.id)).status is Status.CANCELED
        assert names(own_home) == []


async def test_the_deadline_ends_it(own_home: Path, tmp_path: Path, image: str) -> None:
    async with opened(own_home) as house:
        task = await house.manager.submit(boxed(tmp_path, STUBBORN, image, timeout_s=3))
        row = await house.manager.wait(task.id)
        assert (row.status, row.terminal_reason) == (Status.TIMED_OUT, Reason.WALL_TIMEOUT)
        assert names(own_home) == []


async def test_one_whose_client_is_killed_is_removed(own_home: Path, tmp_path: Path, image: str) -> None:
    async with opened(own_home) as house:
        task = await house.manager.submit(boxed(tmp_path, STUBBORN, image, timeout_s=60))
        await is_up(own_home)
        kill_marked(own_home / "tasks" / task.id)
        assert (await house.manager.wait(task.id)).status is Status.FAILED
        assert names(own_home) == []


async def test_orphans_are_found_by_their_label(own_home: Path, tmp_path: Path, image: str) -> None:
    async with opened(own_home) as house:
        row = await house.manager.wait((await house.manager.submit(boxed(tmp_path, "true", image))).id)
        assert row.status is Status.COMPLETED, row.error
    label = f"--label=tasktui.home={Containers(own_home)._word}"
    podman("run", "--detach", label, "--name=tasktui-task_gone-1", "--init", IMAGE, "/bin/sleep", "600")
    podman("run", "--detach", "--name=tasktui-task_other-1", "--init", IMAGE, "/bin/sleep", "600")
    try:
        async with opened(own_home):
            await until(lambda: names(own_home) == [])
        assert podman("ps", "--quiet", "--filter=name=tasktui-task_other-1"), "that is none of ours"
    finally:
        podman("rm", "--force", "tasktui-task_other-1")


async def test_a_container_outlives_its_owner_and_is_taken_over(
    own_home: Path, tmp_path: Path, image: str
) -> None:
    async with opened(own_home, "detach") as house:
        command = "until [ -e go ]; do sleep 0.1; done; echo went"
        task = await house.manager.submit(boxed(tmp_path, command, image))
        await is_up(own_home)
    async with opened(own_home) as house:
        assert names(own_home) == [f"tasktui-{task.id}-1"]
        (tmp_path / "go").touch()
        row = await house.manager.wait(task.id)
        assert (row.status, row.result_summary) == (Status.COMPLETED, "went")
    assert names(own_home) == []
