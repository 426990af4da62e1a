"""Which command lines open the dashboard without click."""

from __future__ import annotations

import pytest

from tasktui.cli.entry import is_background, only_flags
from tasktui.service.starting import serve_command


@pytest.mark.parametrize(
    ("line", "flags"),
    [
        ("", {}),
        ("--home /data", {"home": "/data"}),
        ("--home=/data --no-mouse", {"home": "/data", "mouse": False}),
        ("--theme ansi-dark", {"theme": "ansi-dark"}),
    ],
)
def test_flags_alone_open_the_dashboard(line: str, flags: dict[str, object]) -> None:
    assert only_flags(line.split()) == flags


@pytest.mark.parametrize(
    "line", ["ls", "--home", "--home --no-mouse", "--home= ls", "-h", "--version", "--readonly"]
)
def test_everything_else_is_for_click(line: str) -> None:
    assert only_flags(line.split()) is None


def test_the_owner_that_a_screen_starts_needs_no_click_either() -> None:
    assert is_background(serve_command()[3:])
    assert is_background(serve_command(take_over=True)[3:])
    assert not is_background(["serve"])
    assert not is_background(["serve", "--background", "-h"])
