"""`tasktui remote` against our own routes of system 000 on loopback."""

from __future__ import annotations

import asyncio
import json

from tests.compat.soul_runs import STORY, Runner
from tests.integration.cli.conftest import Shell
from tests.integration.executors.remote.test_remote import TOKEN, soul


async def test_it_is_followed_and_ends_with_what_the_service_says(shell: Shell) -> None:
    async with soul(Runner(*STORY)) as wire:
        options = ("--service", "soul", "--token-env", "SERVICE_TOKEN", "--name", "far")
        asked = ("remote", wire.url, "look into it", *options)
        ran = await asyncio.to_thread(shell, *asked, SERVICE_TOKEN=TOKEN)
    assert ran.returncode == 0, ran.stderr
    (row,) = [row for row in shell.objects("ls", "--json") if row["title"] == "far"]
    assert (row["kind"], row["status"]) == ("remote", "completed")
    shown = json.loads(shell("show", row["id"], "--json").stdout)
    assert shown["spec"]["work"]["url"] == wire.url
    assert TOKEN not in json.dumps(shown)


async def test_without_the_right_token_it_fails_with_a_sentence(shell: Shell) -> None:
    async with soul(Runner()) as wire:
        ran = await asyncio.to_thread(shell, "remote", wire.url, "look into it", "--name", "refused")
    assert ran.returncode == 1
    (row,) = [row for row in shell.objects("ls", "--json") if row["title"] == "refused"]
    assert row["status"] == "failed"
    assert row["error"]


def test_a_file_that_the_service_would_never_get_is_refused(shell: Shell) -> None:
    before = shell.objects("ls", "--json")
    ran = shell("remote", "http://127.0.0.1:1", "look into it", "--attach", __file__)
    assert ran.returncode == 2
    assert "a service takes a prompt, and no files" in ran.stderr
    assert shell.objects("ls", "--json") == before


def test_what_is_no_address_is_refused_before_anything_is_asked(shell: Shell) -> None:
    ran = shell("remote", "ftp://somewhere", "look into it")
    assert ran.returncode == 2
    assert "This is no address of a service: ftp://somewhere" in ran.stderr
    assert shell("remote", "http://127.0.0.1:1").returncode == 2, "without a prompt"
