"""What the arguments of `tasktui python` are taken for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tasktui.cli.main import call
from tasktui.cli.python import active_python, value_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("0.5", 0.5),
        ("true", True),
        ("null", None),
        ("[1, 2]", [1, 2]),
        ('{"a": "b"}', {"a": "b"}),
        ("Ann", "Ann"),
        ('"3"', "3"),
        ("", ""),
        ("NaN", "NaN"),
        ("007", "007"),
        ("a=b", "a=b"),
    ],
)
def test_a_value_is_json_where_it_can_be(text: str, value: object) -> None:
    assert value_of(text) == value


def test_the_interpreter_is_that_of_the_active_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    assert active_python() == sys.executable
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path))
    assert active_python() == sys.executable, "an environment that is gone"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    assert active_python() == str(tmp_path / "bin" / "python")


@pytest.mark.parametrize("argv", [["python", "no function"], ["python", "m:f", "not a pair"], ["python"]])
def test_what_is_not_understood_is_a_usage_error(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert call(argv) == 2
    assert capsys.readouterr().err.startswith("tasktui: ")
