"""Commands over several machines: rows of all with their machine, errors of some, acts where the task is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tasktui.service.starting import start_owner
from tests.faults.desks import end_owner, submit
from tests.sshd import machine

Call = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def call(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Call]:
    """Two machines that are one, each with a data directory, and a third that nobody knows."""
    homes = {"a": own_home, "b": tmp_path / "b" / "home"}
    with machine(own_home, tmp_path, monkeypatch):
        config = tmp_path / "config.toml"
        tables = [
            f'{{name = "{name}", destination = "box", command = "tasktui --home {home}"}}'
            for name, home in homes.items()
        ]
        config.write_text(
            f'hosts = [{", ".join(tables)}, {{name = "away", destination = "nowhere.invalid"}}]\n'
        )
        monkeypatch.setenv("TASKTUI_CONFIG", str(config))

        def run(hosts: str, *words: str) -> subprocess.CompletedProcess[str]:
            named = [word for name in hosts.split() for word in ("--host", name)]
            return subprocess.run(
                [sys.executable, "-m", "tasktui", *named, *words],
                capture_output=True, stdin=subprocess.DEVNULL, timeout=25, check=False, text=True,
            )  # fmt: skip

        start_owner(homes["b"])
        submit(homes["b"], "true", name="second")
        yield run
        end_owner(homes["b"])


def test_rows_of_all_are_printed_with_their_machine(call: Call, own_home: Path) -> None:
    first = submit(own_home, "echo a needle in the hay", name="first")
    listed = call("a b", "ls", "--json")
    rows = [json.loads(line) for line in listed.stdout.splitlines()]
    assert {(row["host"], row["title"]) for row in rows} == {("a", "first"), ("b", "second")}
    assert listed.returncode == 0
    table = call("a b", "ls").stdout.splitlines()
    assert table[0].split()[:2] == ["HOST", "ID"]
    assert {line.split()[0] for line in table[1:]} == {"a", "b"}
    found = call("a b", "search", "needle", "--json").stdout.splitlines()
    assert {(json.loads(line)["host"], json.loads(line)["task_id"]) for line in found} == {("a", first)}


def test_one_that_is_away_is_an_error_beside_the_rows_of_the_others(call: Call) -> None:
    listed = call("away b", "ls", "--json")
    assert [json.loads(line)["title"] for line in listed.stdout.splitlines()] == ["second"]
    assert listed.returncode == 6
    assert "away: There is no machine nowhere.invalid" in listed.stderr


def test_what_acts_goes_to_the_machine_that_has_the_task(call: Call, own_home: Path) -> None:
    waiting = submit(own_home, "sleep 60", name="first")
    assert call("b a", "cancel", "--force", waiting).returncode == 0
    assert json.loads(call("b a", "show", waiting, "--json").stdout)["cancel_forced"]
    ambiguous = call("a b", "cancel", "task_")
    assert ambiguous.returncode == 4
    assert " on a, " in ambiguous.stderr
    assert "Not asked: away: " in call("away b", "show", "nobody").stderr


def test_what_makes_a_task_asks_for_one_machine(call: Call) -> None:
    refused = call("a b", "run", "-d", "--", "true")
    assert refused.returncode == 2
    assert refused.stderr == ("tasktui: run acts on one machine: give --host once. Named were a and b.\n")
    assert call("a b", "cancel", "--all", "status:running").returncode == 2
