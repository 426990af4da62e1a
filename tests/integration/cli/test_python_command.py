"""`tasktui python` as a person's shell runs it."""

from __future__ import annotations

import signal

import pytest

from tests.integration.cli.conftest import PATIENCE_S, Shell

JOBS = """
import sys, time
def greet(ctx, name, n=1):
    ctx.progress(n, n)
    print(f"hello {name} " * n)
    return {"greeted": n}
def wrong():
    raise ValueError("bad")
def leaves():
    sys.exit(4)
def patient(ctx):
    print("up")
    while True:
        ctx.raise_if_cancelled()
        time.sleep(0.01)
"""


@pytest.fixture(scope="module")
def jobs(shell: Shell) -> Shell:
    (shell.cwd / "greetings.py").write_text(JOBS)
    return shell


def test_it_follows_the_function_and_ends_with_its_code(jobs: Shell) -> None:
    ran = jobs("python", "greetings:greet", "name=Ann", "n=2")
    assert (ran.returncode, ran.stdout) == (0, "hello Ann hello Ann \n")
    ran = jobs("python", "greetings:wrong")
    assert ran.returncode == 1
    assert 'raise ValueError("bad")' in ran.stderr
    assert jobs("python", "greetings:leaves").returncode == 4


def test_what_is_missing_is_said(jobs: Shell) -> None:
    ran = jobs("python", "greetings:gret", "name=Ann")
    assert ran.returncode != 0
    assert "greetings has no function gret. Did you mean greet?" in ran.stderr
    assert "could not start: greetings:gret: greetings has" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_detached_it_prints_the_id_and_the_result_is_kept(jobs: Shell) -> None:
    task_id = jobs("python", "-d", "greetings:greet", "name=Bo", "--tag", "hi").stdout.strip()
    assert jobs("wait", task_id).returncode == 0
    row = jobs.row(task_id)
    assert (row["kind"], row["title"], row["status"]) == ("python", "greetings:greet", "completed")
    assert '{"greeted": 1}' in jobs("show", task_id).stdout


def test_ctrl_c_cancels_it(jobs: Shell) -> None:
    process = jobs.start("python", "greetings:patient")
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "It was canceled" in err
