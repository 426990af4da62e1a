"""The manager of another machine over a real ssh: whose environment tasks get, what is said when it fails."""

from __future__ import annotations

import asyncio
import os
import pwd
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tasktui.bootstrap.distant import DistantManager, distant
from tasktui.domain.errors import RefusedError, UnreachableError
from tasktui.domain.hosts import Host
from tests.contract.managers import spec
from tests.sshd import BOX, Sshd, machine


@pytest.fixture
def box(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sshd]:
    with machine(own_home, tmp_path, monkeypatch) as running:
        yield running


@asynccontextmanager
async def reached(host: Host = BOX, *, readonly: bool = False) -> AsyncIterator[DistantManager]:
    manager = distant(host, readonly=readonly)
    try:
        async with asyncio.timeout(50):
            yield manager
    finally:
        await manager.close()


async def test_a_task_has_the_environment_of_a_login_there_and_the_changes_of_here(
    box: Sshd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_HERE", "never")
    async with reached() as manager:
        given = os.environ | {"ASKED_FOR": "yes"}
        task = await manager.submit(spec("env; pwd", env_keys=("ASKED_FOR",)), env=given)
        row = await manager.wait(task.id, timeout_s=30)
        assert row.exit_code == 0
        said = (await manager.output(task.id)).data.decode().splitlines()
        assert "ASKED_FOR=yes" in said
        assert not [line for line in said if "SECRET_HERE" in line or str(box.folder) in line]
        assert [line for line in said if line.startswith("SSH_CONNECTION=127.0.0.1")]
        assert await manager.begins_in() == pwd.getpwuid(os.getuid()).pw_dir
        again = await manager.retry(task.id, env=given)
        await manager.wait(again.id, timeout_s=30)
        assert b"ASKED_FOR=yes" in (await manager.output(again.id)).data
        assert b"SECRET_HERE" not in (await manager.output(again.id)).data


async def test_who_only_looks_is_refused_by_the_owner_there(box: Sshd) -> None:
    async with reached() as acting, reached(readonly=True) as manager:
        assert (await acting.counts()).total == 0
        assert (await manager.counts()).total == 0
        assert await manager.begins_in() is None
        with pytest.raises(RefusedError):
            await manager.submit(spec("true"))


@pytest.mark.parametrize(
    ("host", "said"),
    [
        (Host("gone", "nobody.invalid"), "There is no machine nobody.invalid as far as ssh can tell"),
        (
            Host("box", "nobody@box"),
            "box does not let us in without asking. Log in once with `ssh nobody@box`",
        ),
        (Host("box", "box", "tasktui-that-is-not-there"), "tasktui-that-is-not-there --version` answers"),
        (Host("box", "box", "echo Maintenance until noon; exit 0;"), "'Maintenance until noon'"),
        (Host("box", "ssh://127.0.0.1:1"), "box cannot be reached: connect to host 127.0.0.1 port 1:"),
    ],
)
async def test_a_machine_that_cannot_be_reached_says_why(box: Sshd, host: Host, said: str) -> None:
    async with reached(host) as manager:
        with pytest.raises(UnreachableError) as told:
            await manager.counts()
        assert said in told.value.message


async def test_a_machine_with_a_wrong_key_is_not_talked_to(box: Sshd) -> None:
    known = box.folder / "known_hosts"
    name, kind, _ = known.read_text().split()
    _, other = (box.folder / "user_key.pub").read_text().split()[:2]
    known.write_text(f"{name} {kind} {other}\n")
    async with reached() as manager:
        with pytest.raises(UnreachableError, match="not known here, or has changed"):
            await manager.counts()
