"""An owner has as many descriptors as it may; whatever it starts begins with what the owner began with."""

from __future__ import annotations

import json
import resource
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tasktui import descriptors
from tasktui.executors.containers import Containers
from tasktui.executors.git import git
from tasktui.service.program import Program, UnusableError
from tasktui.service.starting import start_owner
from tasktui.ui.paging import show_in
from tests.faults.desks import dashboard, end_owner, served, submit, task, until

FEW = 300
SAYS = "ulimit -Sn"


def soft() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


@pytest.fixture
def few() -> Iterator[int]:
    """Begin with few; return how many an owner is to have."""
    before, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEW, hard))
    yield min(hard, descriptors.MOST) if hard != resource.RLIM_INFINITY else descriptors.MOST
    resource.setrlimit(resource.RLIMIT_NOFILE, (before, hard))


@pytest.fixture
def raised(few: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """This process has raised its limit."""
    monkeypatch.setattr(descriptors, "_before", None)
    descriptors.raise_limit()
    descriptors.raise_limit()
    assert soft() == few > FEW
    return few


def limit_of(pid: int) -> int:
    return psutil.Process(pid).rlimit(psutil.RLIMIT_NOFILE)[0]


def owner_of(home: Path) -> int:
    return int(json.loads((home / "owner.lock").read_bytes())["pid"])


def said_by_a_task(home: Path) -> str:
    made = submit(home, "ulimit -Sn")
    until(lambda: task(home, made)["finished_at"], within_s=40, what="the task ends")
    return (home / "tasks" / made / "out.log").read_text().strip()


def test_an_owner_has_many_and_its_tasks_have_what_it_began_with(few: int, own_home: Path) -> None:
    with served(own_home) as owner:
        assert limit_of(owner.pid) == few
        assert said_by_a_task(own_home) == str(FEW)


def test_a_screen_that_is_the_owner_has_many_too(few: int, own_home: Path) -> None:
    with dashboard(own_home):
        assert limit_of(owner_of(own_home)) == few
        assert said_by_a_task(own_home) == str(FEW)


def test_an_owner_that_an_owner_starts_knows_with_what_that_one_began(raised: int, own_home: Path) -> None:
    try:
        start_owner(own_home, wait_s=40)
        assert limit_of(owner_of(own_home)) == raised
        assert said_by_a_task(own_home) == str(FEW)
    finally:
        end_owner(own_home)


async def by_git(folder: Path) -> str:
    return await git(folder, "-c", f"alias.says=!{SAYS}", "says")


async def by_the_container_program(folder: Path) -> str:
    program = folder / "podman"
    program.write_text(f"#!/bin/sh\n{SAYS}\n")
    program.chmod(0o700)
    return await Containers(folder, str(program))._tell("says")


async def by_ssh(_folder: Path) -> str:
    with pytest.raises(UnusableError) as ended:
        await Program.start(["/bin/sh", "-c", f"{SAYS} >&2"], version="1")
    return "".join(ended.value.failure.said)


async def by_the_pager(folder: Path) -> str:
    shown = folder / "shown"
    assert show_in(["/bin/sh", "-c", f'{SAYS} > "$0"'], shown) is None
    return shown.read_text()


@pytest.mark.parametrize("start", [by_git, by_the_container_program, by_ssh, by_the_pager])
async def test_other_programs_get_the_limit_back(
    raised: int, tmp_path: Path, start: Callable[[Path], Awaitable[str]]
) -> None:
    assert (await start(tmp_path)).strip() == str(FEW)
    assert soft() == raised


def test_a_system_that_refuses_leaves_it(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descriptors, "_before", None)
    monkeypatch.setattr(descriptors, "attainable", lambda: few * 2_000_000)
    descriptors.raise_limit()
    assert soft() == FEW
