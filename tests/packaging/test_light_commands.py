"""Commands that scripts call by the hundred load no loop, model, screen or HTTP client, from start to end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tasktui.service.light import call, start_owner
from tasktui.service.owner import read_owner
from tests.packaging.loaded import loaded_by_command, of

HEAVY = ("asyncio", "pydantic", "pydantic_core", "httpx", "textual", "rich", "aiosqlite", "fastapi", "psutil")
PATIENCE_S = 30


@pytest.fixture
def task(own_home: Path) -> Iterator[str]:
    """A finished task of an owner that answers."""
    start_owner(own_home, wait_s=PATIENCE_S)
    info = read_owner(own_home)
    assert info is not None
    owner = psutil.Process(info.pid)
    ran = subprocess.run(
        [sys.executable, "-m", "tasktui", "run", "--", "true"],
        stdin=subprocess.DEVNULL, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert ran.returncode == 0
    made = call(own_home, "GET", "/v1/tasks")["items"][0]["id"]
    yield str(made)
    owner.terminate()
    assert psutil.wait_procs([owner], timeout=PATIENCE_S)[1] == []


@pytest.mark.timeout(180)
def test_a_light_command_stays_light_while_it_works(task: str, tmp_path: Path) -> None:
    events = str(tmp_path / "events.jsonl")
    commands = (
        ("ls",), ("ls", "--json", "status:finished"), ("show", task), ("show", task, "--json"),
        ("timeline", task), ("logs", task), ("wait", task), ("run", "-d", "--hold", "--", "true"),
        ("lanes",), ("schedules",), ("edit", "--all", "status:queued", "--priority", "3"),
        ("pause", "--all"), ("cancel", "--all", "status:queued"), ("emit", "status", "busy"),
        ("gate", task, "--", "true"),
    )  # fmt: skip
    loaded = {argv: loaded_by_command(*argv, env={"TASKTUI_EVENTS": events}) for argv in commands}
    assert {argv: of(HEAVY, modules) for argv, modules in loaded.items() if of(HEAVY, modules)} == {}
    assert "sqlite3" in loaded["ls",]
    assert "http.client" in loaded["run", "-d", "--hold", "--", "true"]


def test_only_what_is_called_is_loaded(task: str) -> None:
    loaded = loaded_by_command("ls")
    assert [name for name in loaded if name.startswith("tasktui.service")] == []
    assert "tasktui.cli.run" not in loaded


def test_the_wall_would_see_a_heavy_command() -> None:
    assert "pydantic" in loaded_by_command("schema", "task")


def test_the_other_end_of_a_pipe_starts_quickly(own_home: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "tasktui", "stdio"],
        input=b"", capture_output=True, timeout=PATIENCE_S, check=True,
    )  # fmt: skip
    loaded = frozenset(line.rpartition("|")[2].strip() for line in ran.stderr.decode().splitlines())
    assert "tasktui.service.stdio" in loaded
    assert of([name for name in HEAVY if name != "asyncio"], loaded) == []
    assert "http.client" not in loaded, "that is for starting an owner"
