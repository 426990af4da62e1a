"""`tasktui run` against a real owner: streams, exit codes, input, Ctrl-C, an owner that dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests.integration.kept import files_with

if TYPE_CHECKING:
    from tests.integration.cli.conftest import Shell

PATIENCE_S = 25


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=PATIENCE_S)
    return process.returncode, out, err


def test_streams_and_exit_code_are_the_tasks(shell: Shell) -> None:
    ran = shell("run", "--", "sh", "-c", "echo out; echo err >&2; exit 3")
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, "out\n", "err\n")


def test_output_into_a_pipe_is_raw(shell: Shell) -> None:
    ran = shell("run", "--", "printf", "\\033[31mred\\007")
    assert (ran.returncode, ran.stdout) == (0, "\x1b[31mred\x07")


def test_piped_input_is_the_tasks_and_ends_with_ours(shell: Shell) -> None:
    many = "".join(f"{n}\n" for n in range(50_000))
    ran = shell("run", "--", "wc", "-l", stdin=many)
    assert (ran.returncode, ran.stdout.strip()) == (0, "50000")


def test_without_stdin_the_input_is_empty(shell: Shell) -> None:
    ran = shell("run", "--no-stdin", "--", "cat", stdin="not for you")
    assert (ran.returncode, ran.stdout) == (0, "")


def test_with_its_streams_closed_it_still_runs(shell: Shell) -> None:
    line = f"{sys.executable} -m tasktui run -- sh -c 'echo out; exit 5' <&- >&-"
    ran = subprocess.run(["sh", "-c", line], env=shell.env, cwd=shell.cwd, timeout=PATIENCE_S, check=False)
    assert ran.returncode == 5


def test_a_missing_program_is_named(shell: Shell) -> None:
    ran = shell("run", "--", "no-such-program")
    assert ran.returncode == 1
    assert "It could not start: no-such-program" in ran.stderr


def test_a_missing_directory_is_refused_and_nothing_is_left(shell: Shell) -> None:
    before = len(shell.objects("ls", "--json"))
    ran = shell("run", "--cwd", "/not/there", "--", "true")
    assert (ran.returncode, ran.stderr) == (2, "tasktui: The working directory is not there: /not/there\n")
    assert len(shell.objects("ls", "--json")) == before


@pytest.mark.parametrize("argv", [("--",), ("--", ""), ("true",), ("--shell", "--", "a", "b")])
def test_what_is_no_command_is_refused(shell: Shell, argv: tuple[str, ...]) -> None:
    ran = shell("run", *argv)
    assert ran.returncode == 2
    assert ran.stderr.startswith("tasktui: ")
    assert "Traceback" not in ran.stderr


def test_a_value_that_the_owner_refuses_is_told_by_its_option(shell: Shell) -> None:
    ran = shell("run", "--lane", "two words", "--", "true")
    assert ran.returncode == 2
    assert ran.stderr.startswith("tasktui: lane: ")


def test_a_timeout_exits_124(shell: Shell) -> None:
    ran = shell("run", "--timeout", "300ms", "--", "sleep", "20")
    assert ran.returncode == 124
    assert "took too long" in ran.stderr


def test_the_environment_is_ours_with_additions(shell: Shell) -> None:
    line = 'echo "$MINE $GIVEN $NAMED ${TASKTUI_TASK_ID%%_*}"'
    ran = shell("run", "--env", "GIVEN=b", "--env-from", "NAMED", "--shell", "--", line, MINE="a", NAMED="c")
    assert ran.stdout == "a b c task\n"


def test_a_variable_that_is_not_set_here_is_an_error(shell: Shell) -> None:
    ran = shell("run", "--env-from", "NOT_SET_ANYWHERE", "--", "true")
    assert ran.returncode == 2
    assert "NOT_SET_ANYWHERE" in ran.stderr


def test_values_of_variables_are_stored_nowhere(shell: Shell) -> None:
    canary = "canary-5b1f"
    task = shell.submit("true", options=("--env", f"API_TOKEN={canary}"))
    assert shell("wait", task).returncode == 0
    shown = shell.objects("show", "--json", task)[0]
    assert shown["spec"]["env_keys"] == ["API_TOKEN"]
    assert files_with(shell.home, canary.encode()) == []


def test_detached_it_prints_the_id_and_the_options_arrive(shell: Shell) -> None:
    options = ("--name", "A name", "--lane", "gpu", "--priority", "7", "--tag", "x", "--tag", "y", "--hold")
    task = shell.submit("true", options=(*options, "--client", "me", "--request", "r1"))
    row = shell.row(task)
    wanted = {
        "title": "A name", "lane": "gpu", "priority": 7, "tags": ["x", "y"], "held": True, "status": "queued",
        "client_id": "me", "request_id": "r1",
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted


def test_a_repeated_request_is_the_same_task(shell: Shell) -> None:
    first = shell.submit("true", options=("--idempotency-key", "once"))
    assert shell.submit("true", options=("--idempotency-key", "once")) == first


def test_a_taken_key_is_a_conflict(shell: Shell) -> None:
    shell.submit("sleep", "60", options=("--exclusive", "mine"))
    ran = shell("run", "-d", "--json", "--exclusive", "mine", "--", "true")
    assert ran.returncode == 5
    assert '"TASK_CONFLICT"' in ran.stderr


def test_a_task_that_waits_says_why(shell: Shell) -> None:
    first = shell.submit("sleep", "60", options=("--lane", "one"))
    shell.running(first)
    follower = shell.start("run", "--lane", "one", "--", "true")
    assert follower.stderr is not None
    assert follower.stderr.readline() == "tasktui: queued behind 1 in lane one\n"
    assert shell("cancel", first).returncode == 0
    assert ended(follower)[0] == 0


def test_control_c_cancels_and_exits_130(shell: Shell) -> None:
    follower = shell.start("run", "--", "sh", "-c", "echo ready; exec sleep 60")
    assert read_line(follower) == "ready"
    follower.send_signal(signal.SIGINT)
    code, _, err = ended(follower)
    assert code == 130
    assert "Stopping it" in err


def test_a_second_control_c_kills(shell: Shell) -> None:
    stubborn = "trap '' TERM; echo ready; while :; do sleep 0.05; done"
    follower = shell.start("run", "--name", "stubborn", "--", "sh", "-c", stubborn)
    assert read_line(follower) == "ready"
    task = shell.objects("ls", "--json", "stubborn")[0]["id"]
    follower.send_signal(signal.SIGINT)
    # by what it says and not by another command, which may take longer than the grace of the first one
    assert follower.stderr is not None
    assert "Ctrl-C again to kill it" in follower.stderr.readline()
    follower.send_signal(signal.SIGINT)
    assert ended(follower)[0] == 130
    row = shell.row(task)
    assert (row["cancel_requested_at"] is not None, row["terminal_reason"]) == (True, "cancel_forced")


def test_a_hang_up_only_detaches(shell: Shell) -> None:
    follower = shell.start("run", "--name", "hung", "--", "sh", "-c", "echo ready; sleep 1; echo over")
    assert read_line(follower) == "ready"
    follower.send_signal(signal.SIGHUP)
    assert ended(follower)[0] == -signal.SIGHUP
    task = shell.objects("ls", "--json", "hung")[0]["id"]
    assert shell("wait", task).returncode == 0
    assert shell("logs", task).stdout == "ready\nover\n"


def test_a_reader_that_leaves_is_no_error_and_the_task_goes_on(shell: Shell) -> None:
    read, write = os.pipe()
    follower = shell.start("run", "--name", "endless", "--", "yes", stdout=write)
    os.close(write)
    assert os.read(read, 2) == b"y\n"
    os.close(read)
    _, err = follower.communicate(timeout=PATIENCE_S)
    task = shell.objects("ls", "--json", "endless")[0]["id"]
    assert follower.returncode == 0
    assert f"tasktui cancel {task}" in err
    assert shell.row(task)["status"] == "running"
    assert shell("cancel", "--force", task).returncode == 0


def test_retried_runs_follow_each_other(shell: Shell, tmp_path: Any) -> None:
    flag = tmp_path / "flag"
    line = f'echo "run $TASKTUI_RUN"; test -e {flag} || {{ touch {flag}; exit 9; }}'
    ran = shell("run", "--retries", "1", "--shell", "--", line)
    assert (ran.returncode, ran.stdout) == (0, "run 1\nrun 2\n")


def test_an_owner_that_is_killed_meanwhile_changes_nothing(fresh: Shell) -> None:
    follower = fresh.start("run", "--", "sh", "-c", "echo ready; sleep 3; echo over; exit 7")
    assert read_line(follower) == "ready"
    first = fresh.owner
    assert first is not None
    psutil.Process(first).kill()
    code, out, _ = ended(follower)
    assert (code, out) == (7, "over\n")
    assert fresh.owner not in {None, first}


def test_an_owner_that_is_stopped_is_told(fresh: Shell) -> None:
    fresh.submit("true")
    assert fresh.owner is not None
    owner = psutil.Process(fresh.owner)
    owner.suspend()
    try:
        began = time.monotonic()
        ran = fresh("run", "-d", "--", "true")
    finally:
        owner.resume()
    assert ran.returncode == 6
    assert f"kill -CONT {owner.pid}" in ran.stderr
    assert time.monotonic() - began < PATIENCE_S
