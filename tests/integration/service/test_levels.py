"""Client and owner of different versions, each in a process of its own: what is said, and what still goes."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bench.pty import PtyApp
from tasktui.domain.errors import InvalidError, NotFoundError
from tasktui.service import levels
from tasktui.service.client import RemoteManager
from tasktui.service.levels import LevelError, difference, explained, level_of
from tasktui.service.owner import LOCK_NAME
from tasktui.service.reach import Nearby
from tests.contract.managers import spec
from tests.faults.desks import ROOT, TASKTUI, end, end_owner, owned_by, submit, task, tasktui, until

OTHER = (sys.executable, str(Path(__file__).with_name("levelled_owner.py")))


@contextmanager
def owner(home: Path, api: int, oldest: int) -> Iterator[None]:
    argv = [*OTHER, str(api), str(oldest), "--home", str(home), "serve"]
    process = subprocess.Popen(argv, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
    try:
        until(lambda: owned_by(home, process.pid), within_s=40)
        yield
    finally:
        end(process)
        end_owner(home)


def run(home: Path) -> subprocess.CompletedProcess[str]:
    return tasktui("--home", str(home), "run", "-d", "--", "true")


def test_a_newer_owner_that_still_understands_is_used_and_named_once(own_home: Path) -> None:
    with owner(own_home, 2, 1):
        ran = run(own_home)
        assert ran.returncode == 0, ran.stderr
        assert ran.stderr.count("newer than this one with level 1. Update tasktui here.") == 1
        assert tasktui("--home", str(own_home), "show", ran.stdout.strip()).returncode == 0


def test_a_newer_owner_that_would_misunderstand_is_read_and_does_nothing(own_home: Path) -> None:
    with owner(own_home, 3, 2):
        ran = run(own_home)
        assert ran.returncode == 7
        assert "takes acts of level 2 of the API and later; you speak level 1" in ran.stderr
        assert ran.stdout == ""

        async def look() -> None:
            remote = RemoteManager(own_home)
            assert (await remote.counts()).total == 0
            with pytest.raises(LevelError, match="update tasktui where you are"):
                await remote.submit(spec("true"))
            await remote.close()

        asyncio.run(look())


def test_an_older_owner_is_read_and_acted_upon_and_the_screen_says_what_to_do(own_home: Path) -> None:
    with owner(own_home, 0, 0):
        made = submit(own_home, "true", name="old and good")
        until(lambda: task(own_home, made)["status"] == "completed")
        ran = run(own_home)
        assert ran.returncode == 0
        assert "older than this one" in ran.stderr
        assert "tasktui serve --background --take-over" in ran.stderr
        with PtyApp([*TASKTUI, "--home", str(own_home)], cols=200, rows=30, cwd=ROOT) as app:
            told = ("old and good", "older than this one")
            shown: set[str] = set()

            def all_were_shown(lines: list[str]) -> bool:
                # not in one frame: what is said of the owner goes again
                shown.update(word for word in told if any(word in line for line in lines))
                return len(shown) == len(told)

            app.wait_screen(all_were_shown, timeout_s=40)


async def test_an_owner_that_is_busy_when_it_is_asked_for_its_level_is_told_of_too(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Nearby, "patience_s", 0.4)
    asked = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            while asked < 3:  # until it was asked again whether it is there
                await asyncio.sleep(0.01)
            writer.write(f"HTTP/1.1 200 OK\r\n{levels.HEADER}: 0\r\ncontent-length: 2\r\n\r\n{{}}".encode())
            await reader.read()
        writer.close()

    own_home.mkdir(mode=0o700)
    told = {"pid": os.getpid(), "epoch": 1, "socket": str(own_home / "s"), "version": ""}
    (own_home / LOCK_NAME).write_text(json.dumps(told))
    server = await asyncio.start_unix_server(serve, own_home / "s")
    remote = RemoteManager(own_home)
    assert "older than this one" in str(await remote.difference())
    await remote.close()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize(
    ("error", "becomes"),
    [
        (InvalidError("body.colour: Extra inputs are not permitted"), LevelError),
        (NotFoundError("No such path: /v1/tasks/x/paint"), LevelError),
        (NotFoundError("Task not found: x"), NotFoundError),
    ],
)
def test_what_an_older_owner_does_not_know_is_told_from_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, error: InvalidError, becomes: type[Exception]
) -> None:
    monkeypatch.setattr(levels, "API", 2)
    found = explained(error, {levels.HEADER: "1", levels.VERSION_HEADER: "0.1"})
    assert type(found) is becomes
    assert (found is error) == (becomes is not LevelError)
    assert explained(error, {levels.HEADER: "2"}) is explained(error, {}) is error


@pytest.mark.parametrize("text", ["", None, "x", "-1", "1.0", "1" * 7, "\u0661"])
def test_a_level_that_is_none(text: str | None) -> None:
    assert level_of(text) is None
    assert difference({levels.HEADER: text or ""}) is None
