"""From options to the request: what is syntax is checked here, the rest by the owner, which takes it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tasktui.cli.params import SPAN
from tasktui.cli.task_options import environment, spec_object, task_options
from tasktui.domain.errors import InvalidError
from tasktui.domain.spec import TaskSpec
from tasktui.domain.wire import decode, encode

WORK = {"kind": "shell", "argv": ["true"]}


def options(*argv: str) -> dict[str, Any]:
    """What the options give for a command line."""
    found: dict[str, Any] = {}

    @click.command()
    @task_options
    def command(**given: Any) -> None:
        found.update(given)

    ran = CliRunner().invoke(command, list(argv), catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return found


def test_without_options_it_is_the_work_in_this_directory() -> None:
    assert spec_object(WORK, options()) == {"work": WORK, "cwd": str(Path.cwd())}


def test_every_option_arrives_in_a_spec_that_the_owner_takes() -> None:
    argv = (
        "--name N --cwd /tmp --env A=1=2 --lane gpu --priority -3 --after task_1 --after task_2 --delay 10m"
        " --timeout 30m --idle-timeout 90 --retries 2 --hold --watch out --tag a --tag b --every 1h"
        " --exclusive key --on-conflict return --on-full reject --client c --request r --idempotency-key i"
        " --worktree"
    )
    before = time.time()
    made = spec_object(WORK, options(*argv.split()))
    spec = TaskSpec.model_validate(decode(encode(made)))
    wanted: dict[str, object] = {
        "name": "N", "cwd": "/tmp", "env_keys": ("A",), "lane": "gpu", "priority": -3,
        "depends_on": ("task_1", "task_2"), "timeout_s": 1800, "idle_timeout_s": 90, "retries": 2,
        "held": True, "watch": (str(Path.cwd() / "out"),), "tags": ("a", "b"), "every": "1h",
        "exclusive_key": "key", "on_conflict": "return", "on_full": "reject", "client_id": "c",
        "request_id": "r", "idempotency_key": "i", "worktree": True,
    }  # fmt: skip
    assert {name: getattr(spec, name) for name in wanted} == wanted
    assert spec.not_before is not None
    assert 598 <= spec.not_before.timestamp() - before <= 660


def test_the_environment_is_this_one_with_what_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINE", "a")
    monkeypatch.setenv("BOTH", "old")
    made = environment(options("--env", "BOTH=new", "--env-from", "MINE"))
    assert (made["MINE"], made["BOTH"], made["PATH"]) == ("a", "new", os.environ["PATH"])


def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOWHERE", raising=False)
    with pytest.raises(InvalidError, match="NOWHERE"):
        environment(options("--env-from", "NOWHERE"))


def test_a_variable_that_no_json_holds_is_left_out_and_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(os.environb, b"ODD", b"\xff")
    assert "ODD" not in environment(options())
    assert "ODD" in capsys.readouterr().err


def test_a_word_that_no_json_holds_is_refused() -> None:
    with pytest.raises(InvalidError, match="Not UTF-8"):
        spec_object({"kind": "shell", "argv": ["cat", os.fsdecode(b"\xff")]}, options())


@pytest.mark.parametrize(
    "argv", [["--env", "NOEQUALS"], ["--env", "=x"], ["--delay", "soon"], ["--retries", "-1"]]
)
def test_wrong_syntax_is_a_usage_error(argv: list[str]) -> None:
    @click.command()
    @task_options
    def command(**given: Any) -> None:
        pytest.fail(f"was called with {given}")

    assert CliRunner().invoke(command, argv).exit_code == 2


@given(st.integers(0, 10**9))
def test_a_bare_number_is_seconds(number: int) -> None:
    assert SPAN.convert(str(number), None, None) == number
