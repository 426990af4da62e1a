"""Callers who close streams, write no UTF-8, or read JSON also when something is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.cli.conftest import Shell


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("ls >&-", 0),
        ("show nothing >&- 2>&-", 3),
        ("run -- cat <&-", 0),
        ("run -- sh -c 'exit 7' <&- >&- 2>&-", 7),
    ],
)
def test_closed_streams(shell: Shell, line: str, code: int) -> None:
    ran = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m tasktui {line}"],
        env=shell.env,
        cwd=shell.cwd,
        capture_output=True,
        check=False,
        timeout=25,
    )
    assert ran.returncode == code, ran.stderr
    assert b"Something went wrong" not in ran.stderr


@pytest.mark.parametrize("command", ["ls", "search", "show"])
def test_bytes_that_are_no_text(shell: Shell, command: str) -> None:
    shell.submit("true")
    refused = shell(command, os.fsdecode(b"\xff"))
    assert refused.returncode == 2
    assert refused.stderr == "tasktui: An argument is not UTF-8. Names, filters and texts have to be.\n"


def test_out_of_time_in_json(shell: Shell) -> None:
    task = shell.submit("sleep", "60")
    waited = shell("wait", task, "--timeout", "0.1s", "--json")
    assert waited.returncode == 124
    assert json.loads(waited.stderr)["error"] == {
        "code": "TIMED_OUT",
        "message": f"1 not ended in time: {task}",
        "details": {"ids": [task]},
    }
    assert shell("cancel", "--force", task).returncode == 0
