"""`tasktui agent` with an agent at an address, served on loopback."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from tests.integration.cli.conftest import Shell
from tests.integration.executors.agents.far_agents import TOKEN, served
from tests.integration.kept import files_with

FAR = """
[agents.far]
title = "Far"
url = "{url}"
token_env = "FAR_TOKEN"
resume = "load"
"""


def settings(at: Path, text: str) -> dict[str, str]:
    """The environment of commands that read these settings."""
    file = at / "config.toml"
    file.write_text(text)
    return {"TASKTUI_CONFIG": str(file)}


async def test_it_is_an_agent_like_any_other(fresh: Shell, tmp_path: Path) -> None:
    async with served(allowed=TOKEN) as agent:
        url = agent.url("ws")
        env = settings(tmp_path, FAR.format(url=url))
        ran = await asyncio.to_thread(fresh, "agent", "far", "hello", FAR_TOKEN=TOKEN, **env)
        assert (ran.returncode, "hello in default mode" in ran.stdout) == (0, True), ran.stderr
        again = ("agent", "far", "hello", "--resume", "s-1")
        ran = await asyncio.to_thread(fresh, *again, FAR_TOKEN=TOKEN, **env)
        assert (ran.returncode, "history was read again" in ran.stderr) == (0, True), ran.stderr
    listed = fresh("agent", "--list", **env)
    assert [line.split(maxsplit=1)[1] for line in listed.stdout.splitlines() if line.startswith("far ")] == [
        f"Far: {url}"
    ]
    rows = map(json.loads, fresh("agent", "--list", "--json", **env).stdout.splitlines())
    (row,) = [row for row in rows if row["name"] == "far"]
    assert (row["url"], row["path"], row["argv"], row["protocol"]) == (url, url, [], "acp")
    assert f"far ({url})" in fresh("doctor", **env).stdout
    assert files_with(fresh.home, TOKEN.encode()) == []


async def test_a_token_that_is_not_taken_is_told_with_what_to_do(fresh: Shell, tmp_path: Path) -> None:
    async with served(allowed=TOKEN) as agent:
        url = agent.url("http")
        env = settings(tmp_path, FAR.format(url=url))
        ran = await asyncio.to_thread(fresh, "agent", "far", "hello", FAR_TOKEN="other", **env)
    assert ran.returncode == 1
    host = url.split("/")[2]
    assert f"Set FAR_TOKEN to a token that {host} takes." in ran.stdout + ran.stderr


def test_an_address_that_cannot_be_is_refused_by_the_name_of_its_setting(
    fresh: Shell, tmp_path: Path
) -> None:
    env = settings(tmp_path, FAR.format(url="http://agents.example/acp"))
    ran = fresh("agent", "far", "hello", **env)
    assert ran.returncode == 2
    assert "agents.far.url would send the token readable for everybody on the way" in ran.stderr
    assert not fresh.home.exists()
