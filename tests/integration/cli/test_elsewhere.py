"""`tasktui --host box COMMAND …` over a real ssh: the same words, bytes, exit codes and Ctrl-C as there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.pty import PtyApp
from tests.faults.desks import submit, task, until
from tests.sshd import Sshd, machine

HOST = (sys.executable, "-m", "tasktui", "--host", "box")


@pytest.fixture
def box(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sshd]:
    with machine(own_home, tmp_path, monkeypatch) as running:
        yield running


def there(*words: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    source = {} if "input" in options else {"stdin": subprocess.DEVNULL}
    return subprocess.run([*HOST, *words], capture_output=True, timeout=25, check=False, **(source | options))


def test_words_bytes_and_exit_codes_are_those_of_the_other_machine(box: Sshd) -> None:
    odd = "a  b'c\"d\\e $HOME `id` *\nnew\tline ünï"
    ran = there("run", "--", "sh", "-c", 'printf "%s|" "$@"; echo said >&2; exit 7', "sh", odd, "", "--x")
    assert ran.stdout.decode() == f"{odd}||--x|"
    assert ran.stderr == b"said\n", "nothing of ours is in it"
    assert ran.returncode == 7
    binary = bytes(range(256)) * 500
    assert there("run", "--", "cat", input=binary).stdout == binary
    listed = there("ls", "--json")
    rows = [json.loads(line) for line in listed.stdout.splitlines()]
    assert [row["exit_code"] for row in rows] == [0, 7]
    assert there("show", "nobody").returncode == 3
    assert b"no such command: lss. Did you mean ls?" in there("lss").stderr


def test_options_before_the_command_go_along_and_without_a_terminal_there_is_the_list(
    box: Sshd, own_home: Path, tmp_path: Path
) -> None:
    submit(own_home, "exit 4", name="by hand")
    assert b"by hand" in there().stdout
    assert there("--home", str(tmp_path / "other"), "ls", "--json").stdout == b""
    refused = there("--readonly", "run", "--", "true")
    assert (refused.returncode, refused.stdout) == (7, b"")


def test_ctrl_c_without_a_terminal_cancels_and_the_second_one_kills(box: Sshd, own_home: Path) -> None:
    command = "trap 'echo asked' TERM; echo up; while :; do sleep 0.1; done"
    process = subprocess.Popen(
        [*HOST, "run", "--shell", "--", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    [made] = [child.name for child in (own_home / "tasks").iterdir()]
    # as a terminal does it: to every process in front, ssh among them
    os.killpg(process.pid, signal.SIGINT)
    until(lambda: task(own_home, made)["cancel_requested_at"], what="the first one asks")
    assert task(own_home, made)["status"] == "running"
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Ctrl-C again to kill it" in said
    assert task(own_home, made)["status"] == "canceled"


def test_a_hang_up_only_detaches(box: Sshd, own_home: Path, tmp_path: Path) -> None:
    go = tmp_path / "go"
    process = subprocess.Popen(
        [*HOST, "run", "--shell", "--", f"echo up; until [ -e {go} ]; do sleep 0.05; done; exit 5"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    process.terminate()
    assert process.wait(timeout=10) == 143
    process.stdout.close()
    [made] = [child.name for child in (own_home / "tasks").iterdir()]
    assert task(own_home, made)["status"] == "running"
    go.touch()
    until(lambda: task(own_home, made)["exit_code"] == 5)


def test_with_a_terminal_there_is_one_there_too(box: Sshd, own_home: Path) -> None:
    with PtyApp([*HOST, "run", "--shell", "--", "echo up; sleep 60"], cols=90, rows=12) as app:
        app.wait_screen(lambda lines: any(line.startswith("up") for line in lines), timeout_s=20)
        app.send(b"\x03")
        assert app.wait_exit(20) == 130
    [made] = [child.name for child in (own_home / "tasks").iterdir()]
    assert task(own_home, made)["status"] == "canceled"


def test_a_machine_that_cannot_be_reached_is_an_error_of_ssh(
    box: Sshd, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = there("ls")
    assert ran.returncode == 0
    gone = subprocess.run([*HOST[:-1], "nobody.invalid", "ls"], capture_output=True, timeout=20, check=False)
    assert gone.returncode == 255
    assert b"nobody.invalid" in gone.stderr
    monkeypatch.setenv("PATH", "/nonexistent")
    without = there("ls")
    assert without.returncode == 6
    assert b"ssh is not installed here" in without.stderr
