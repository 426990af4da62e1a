"""One command line from its words to its exit code: errors are sentences, or JSON where asked for."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from tasktui.cli.main import COMMANDS, call, cli


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that meets what nobody foresaw."""

    @click.command()
    @click.argument("secret")
    @click.option("--json", is_flag=True)
    def broken(secret: str, json: bool) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setitem(COMMANDS, "broken", (f"{__name__}:broken", "Breaks."))
    monkeypatch.setattr(type(cli), "get_command", lambda *_: broken)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_of_the_table_is_there_and_explains_itself(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call([name, "-h"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"Usage: tasktui {name}")


def test_an_unknown_command_is_told_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["cancle"]) == 2
    assert capsys.readouterr().err == "tasktui: no such command: cancle. Did you mean cancel?\n"


def test_a_usage_error_is_json_where_json_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["show", "--json"]) == 2
    error = json.loads(capsys.readouterr().err)["error"]
    assert error["code"] == "INVALID"
    assert "tasktui show -h" in error["message"]


def test_what_follows_the_dashes_asks_for_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["run", "--nope", "--", "ls", "--json"]) == 2
    assert capsys.readouterr().err.startswith("tasktui: ")


@pytest.mark.usefixtures("breaking")
def test_a_traceback_goes_to_the_log_and_no_argument_with_it(
    own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["broken", "hunter2"]) == 1
    shown = capsys.readouterr()
    log = own_home / "log" / "tasktui.log"
    assert shown.out == ""
    assert shown.err == (
        f"tasktui: Something went wrong: ZeroDivisionError: division by zero. The details are in {log}.\n"
    )
    kept = log.read_text()
    assert "Traceback" in kept
    assert "hunter2" not in kept
    assert log.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("breaking")
def test_the_same_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["broken", "x", "--json"]) == 1
    assert json.loads(capsys.readouterr().err)["error"]["code"] == "ERROR"


def test_config_tells_where_each_value_comes_from(
    own_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TASKTUI_LANE_LIMIT", "3")
    assert call(["config", "show", "--json"]) == 0
    told = {line["key"]: line for line in map(json.loads, capsys.readouterr().out.splitlines())}
    assert (told["lane_limit"]["value"], told["lane_limit"]["origin"]) == (
        3,
        "environment TASKTUI_LANE_LIMIT",
    )
    assert told["home"]["value"] == str(own_home)
    assert told["max_running"]["origin"] == "default"


def test_config_names_its_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('lanes = { gpu = 1 }\n[agents.quick]\nlike = "claude"\n[agents.slow]\nlike = "codex"\n')
    monkeypatch.setenv("TASKTUI_CONFIG", str(file))
    assert call(["config", "show"]) == 0
    told = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert (told["agents"], told["lanes"]) == ("quick slow", "gpu=1")
    assert call(["config", "show", "--json"]) == 0
    assert '{"like":"claude"}' in capsys.readouterr().out


def test_config_check_finds_a_clash_of_keys(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TASKTUI_KEYMAP", "quit=j")
    assert call(["config", "check"]) == 2
    assert "list.down" in capsys.readouterr().err
    assert call(["keys", "--check"]) == 2


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("THEME", "neon", "theme: there is no 'neon'; there are ansi, "),
        ("WEBHOOK", "chat.example.org/hook", "webhook: not an address such as https://"),
        ("WEBHOOK", "https://[half", "webhook: not an address such as https://"),
        ("WEBHOOK_ON", "started", "webhook_on: there is no 'started'; there are needs_you, finished"),
    ],
)
def test_config_check_finds_words_that_mean_nothing(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"TASKTUI_{name}", value)
    assert call(["config", "check"]) == 2
    assert said in capsys.readouterr().err


def test_config_check_takes_the_words_there_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TASKTUI_WEBHOOK", "https://chat.example.org/hook")
    monkeypatch.setenv("TASKTUI_WEBHOOK_ON", "needs_you:finished")
    for theme in ("ansi", "nord"):
        monkeypatch.setenv("TASKTUI_THEME", theme)
        assert call(["config", "check"]) == 0, capsys.readouterr().err


def test_keys_show_those_of_the_person(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TASKTUI_KEYMAP", "quit=ctrl+g")
    assert call(["keys", "--json"]) == 0
    told = {line["id"]: line["keys"] for line in map(json.loads, capsys.readouterr().out.splitlines())}
    assert told["quit"] == ["^g"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["completion", shell]) == 0
    assert f"_TASKTUI_COMPLETE={shell}_complete" in capsys.readouterr().out
