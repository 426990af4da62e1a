"""Commands that act, through the owner: one or several tasks, their refusals, their exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.integration.cli.conftest import Shell

ASKS = """
echo "answer: $(tasktui emit ask "Which colour?" --option red)"
tasktui emit ask --approval "rm -rf build" --tool bash; echo "allowed: $?"
read -r line; echo "said: $line"
"""


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def needs(shell: Shell, task: str, attention: str) -> str:
    return str(shell.until(task, lambda row: row["attention"] == attention)["attention_id"])


def test_a_task_asks_is_answered_allowed_and_spoken_to(shell: Shell) -> None:
    task = shell.submit("sh", "-c", ASKS)
    question = needs(shell, task, "input")
    assert f"--answer {question}" in shell("show", task).stdout
    refused, way = shell("approve", task), f"tasktui send {task} --answer {question} TEXT"
    assert (refused.returncode, refused.stderr) == (
        2,
        f"tasktui: This is a question, it needs an answer: Which colour? Answer with: {way}\n",
    )
    assert shell("deny", task, "--reason", "not now").returncode == 2, "no answer is made of a reason"
    assert shell.row(task)["attention_id"] == question
    assert shell("send", task, "red", "--answer", question).returncode == 0
    needs(shell, task, "approval")
    assert "allowed: rm -rf build" in shell("approve", task).stdout
    shell.until(task, lambda row: row["attention"] == "none")
    # a task that reads may have it before the answer is on its way
    sent = shell("send", task, "-", stdin="hello there").stdout
    assert sent in {f"{task}  message {state}\n" for state in ("queued", "delivered")}
    assert shell("wait", task).returncode == 0
    detail = json.loads(shell("show", task, "--json").stdout)
    assert [message["state"] for message in detail["interventions"]] == ["delivered"]
    assert shell("logs", task).stdout.splitlines() == [
        "answer: red",
        "allow",
        "allowed: 0",
        "said: hello there",
    ]


ON_A_TERMINAL = """
import os, pty
# the terminal may hand a line over in pieces, and its end for itself
pty.spawn(["tasktui", "emit", "ask", "Which?"], lambda fd: ascii(os.read(fd, 999))[2:-1].encode())
"""


@pytest.mark.parametrize(
    ("program", "shown"),
    [
        (["tasktui", "emit", "ask", "Which?"], "\x1b[5mred\x1b[0m\n"),
        ([sys.executable, "-c", ON_A_TERMINAL], r"red\r\n"),
    ],
)
def test_an_answer_is_whole_in_a_pipe_and_harmless_on_a_terminal(
    shell: Shell, program: list[str], shown: str
) -> None:
    task = shell.submit(*program)
    asked = needs(shell, task, "input")
    assert shell("send", task, "--answer", asked, "\x1b[5mred\x1b[0m").returncode == 0
    assert shell("wait", task).returncode == 0
    assert shell("logs", task).stdout == shown


def test_a_denial_reaches_the_task_with_its_reason(shell: Shell) -> None:
    task = shell.submit("sh", "-c", "tasktui emit ask --approval sure; echo $?")
    needs(shell, task, "approval")
    done = json.loads(shell("deny", task, "--reason", "too late", "--json").stdout)
    assert (done["decision"], done["reason"], done["decided_from"]) == ("deny", "too late", "cli")
    assert shell("wait", task).returncode == 0
    assert shell("logs", task).stdout == "too late\n1\n"
    again = shell("approve", task)
    assert again.returncode in {3, 5}


@pytest.mark.parametrize("options", [("1",), ("1s", "--approval")])
def test_a_question_that_nobody_answers_in_time_waits_no_longer(
    shell: Shell, options: tuple[str, ...]
) -> None:
    asks = " ".join(("tasktui", "emit", "ask", "--timeout", *options, "well"))
    task = shell.submit("sh", "-c", f"{asks}; echo code $?; sleep 60")

    def asked() -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = shell.objects("show", task, "--json")[0]["approvals"]
        return shown

    # nobody sees it wait for sure: a look takes as long as the question may wait
    _until(lambda: [request["state"] for request in asked()] == ["expired"])
    assert asked()[0]["expires_at"] is not None
    assert shell.row(task)["attention"] == "none"
    _until(lambda: "code 124" in shell("logs", task).stdout)
    assert shell("logs", task).stdout == "code 124\n"
    _until(lambda: "Nobody answered within 1 s: well" in shell("logs", task, "--merge").stdout)
    assert shell("cancel", task, "--force").returncode == 0


def test_a_data_directory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    alone = ["unshare", "--map-root-user", "--user", "--mount"]
    mounted = 'mount -t tmpfs -o ro tasktui "$1" && shift && exec "$@"'
    run = [sys.executable, "-m", "tasktui", "--home", str(tmp_path / "home"), "run", "-d", "--", "true"]
    probe = subprocess.run(
        [*alone, "sh", "-c", mounted, "sh", str(tmp_path), "true"], check=False, timeout=20
    )
    if probe.returncode:
        pytest.skip("no mount namespace here")
    ran = subprocess.run(
        [*alone, "sh", "-c", mounted, "sh", str(tmp_path), *run],
        capture_output=True, text=True, check=False, timeout=20,
    )  # fmt: skip
    assert ran.returncode == 7
    assert ran.stderr.startswith(f"tasktui: The data directory cannot be written: {tmp_path}/home: Read-only")
    ran = subprocess.run(
        [*run[:4], "/proc/self/no/home", *run[5:]], capture_output=True, text=True, check=False, timeout=20
    )
    assert (ran.returncode, "cannot be written: /proc/self/no/home" in ran.stderr) == (6, True)


def test_a_message_to_a_task_that_has_ended_is_refused(shell: Shell) -> None:
    task = shell.submit("true")
    assert shell("wait", task).returncode == 0
    ran = shell("send", task, "too late")
    assert (ran.returncode, ran.stderr) == (5, f"tasktui: The task does not run: {task}\n")


def test_hold_priority_and_release(shell: Shell) -> None:
    task = shell.submit("true", options=("--delay", "1h"))
    assert shell("hold", task, "--reason", "lunch").returncode == 0
    assert shell("priority", task, "-5").returncode == 0
    row = shell.row(task)
    assert (row["held"], row["held_reason"], row["priority"]) == (True, "lunch", -5)
    assert shell("release", task).returncode == 0
    assert shell.row(task)["held"] is False
    assert shell("cancel", task).stdout.startswith(f"{task}  canceled before it began")


def test_what_the_state_forbids_exits_5(shell: Shell) -> None:
    task = shell.submit("sleep", "60")
    shell.running(task)
    for argv in (("hold", task), ("retry", task), ("archive", task), ("purge", task, "--yes")):
        ran = shell(*argv)
        assert (argv, ran.returncode) == (argv, 5), ran.stderr
        assert task in ran.stderr
    assert shell("cancel", task).returncode == 0


@pytest.mark.feature(55)
def test_cancel_says_what_it_did_also_after_the_end(shell: Shell) -> None:
    task = shell.submit("sleep", "60")
    shell.running(task)
    assert json.loads(shell("cancel", task, "--json").stdout)["disposition"] == "requested"
    assert shell("wait", task).returncode == 1
    assert json.loads(shell("cancel", task, "--json").stdout)["disposition"] == "already_finished"


def test_several_ids_where_one_is_wrong_do_the_others(shell: Shell) -> None:
    running, ended = shell.submit("sleep", "60"), shell.submit("true")
    assert shell("wait", ended).returncode == 0
    shell.running(running)
    ran = shell("archive", running, ended)
    assert ran.returncode == 5
    assert ran.stdout.startswith(ended)
    assert running in ran.stderr
    assert [row["id"] for row in shell.objects("ls", "--json", "--archived")] == [ended]
    assert shell("archive", "--undo", ended).returncode == 0
    assert shell.objects("ls", "--json", "--archived") == []
    assert shell("cancel", running).returncode == 0


def test_an_unknown_id_touches_nothing(shell: Shell) -> None:
    task = shell.submit("sleep", "60")
    ran = shell("cancel", task, "nobody")
    assert (ran.returncode, ran.stderr) == (3, "tasktui: Task not found: nobody\n")
    assert shell.running(task)["cancel_requested_at"] is None
    assert shell("cancel", task, "--force").returncode == 0


@pytest.mark.feature(61)
def test_a_filter_with_all_takes_only_what_it_fits(shell: Shell) -> None:
    tagged = [shell.submit("true", options=("--hold", "--tag", "bulk")) for _ in range(3)]
    other = shell.submit("true", options=("--hold",))
    ran = shell("cancel", "--all", "tag:bulk", "--json")
    assert sorted(json.loads(line)["task"]["id"] for line in ran.stdout.splitlines()) == sorted(tagged)
    assert shell.row(other)["status"] == "queued"
    assert shell("cancel", other).returncode == 0


def test_without_ids_nothing_is_done(shell: Shell) -> None:
    ran = shell("cancel")
    assert ran.returncode == 2
    assert "--all" in ran.stderr


def test_purge_needs_a_yes_where_nobody_can_be_asked(shell: Shell) -> None:
    task = shell.submit("true")
    assert shell("wait", task).returncode == 0
    ran = shell("purge", task)
    assert ran.returncode == 7
    assert "--yes" in ran.stderr
    assert shell("purge", task, "--yes").stdout == "1 task deleted\n"
    assert shell("show", task).returncode == 3
    assert not (shell.home / "tasks" / task).exists()


def test_retry_makes_a_new_task_and_edit_changes_it(shell: Shell, tmp_path: Path) -> None:
    old = shell.submit("sh", "-c", "echo one")
    assert shell("wait", old).returncode == 0
    again = shell("retry", old).stdout.strip()
    assert shell("wait", again).returncode == 0
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i s/one/two/ "$1"\n')
    editor.chmod(0o755)
    edited = shell("retry", old, "--edit", EDITOR=str(editor)).stdout.strip()
    assert shell("wait", edited).returncode == 0
    assert [shell("logs", task).stdout for task in (again, edited)] == ["one\n", "two\n"]
    assert shell.row(edited)["retry_of"] == old


def test_retry_with_an_editor_that_breaks_it_starts_nothing(shell: Shell, tmp_path: Path) -> None:
    old = shell.submit("true")
    assert shell("wait", old).returncode == 0
    before = len(shell.objects("ls", "--json"))
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "{" > "$1"\n')
    editor.chmod(0o755)
    ran = shell("retry", old, "--edit", EDITOR=str(editor))
    assert ran.returncode == 2
    assert "JSON" in ran.stderr
    assert len(shell.objects("ls", "--json")) == before


@pytest.mark.parametrize(
    "argv",
    [
        ("run", "-d", "--", "true"),
        ("cancel", "x"),
        ("send", "x", "y"),
        ("approve", "x"),
        ("hold", "x"),
        ("retry", "x"),
        ("purge", "x", "--yes"),
        ("ack", "x"),
    ],
)
def test_readonly_refuses_every_act(fresh: Shell, argv: tuple[str, ...]) -> None:
    ran = fresh("--readonly", *argv)
    assert ran.returncode == 7
    assert not fresh.home.exists()


def test_wait_tells_each_end_and_the_worst_of_them(shell: Shell) -> None:
    good, bad = shell.submit("true"), shell.submit("false")
    ran = shell("wait", good, bad, "--json")
    assert ran.returncode == 1
    assert {json.loads(line)["id"] for line in ran.stdout.splitlines()} == {good, bad}
    assert shell("wait", good).returncode == 0


def test_wait_gives_up_in_time(shell: Shell) -> None:
    task = shell.submit("sleep", "60")
    ran = shell("wait", task, "--timeout", "200ms")
    assert ran.returncode == 124
    assert task in ran.stderr
    assert shell("cancel", "--force", task).returncode == 0


def test_wait_lasts_over_the_death_of_the_owner(fresh: Shell) -> None:
    task = fresh.submit("sh", "-c", "until [ -e go ]; do sleep 0.05; done")
    fresh.running(task)
    first = fresh.owner
    assert first is not None
    os.kill(first, 9)
    waiter = fresh.start("wait", task)
    _until(lambda: fresh.owner not in {None, first})
    (fresh.cwd / "go").touch()
    waiter.communicate(timeout=fresh.patience_s)
    assert waiter.returncode == 0


def test_a_retry_runs_in_the_environment_of_the_one_who_retries(shell: Shell) -> None:
    old = shell.submit("sh", "-c", 'echo "[$COLOUR]"')
    shell("wait", old)
    again = shell("retry", old, COLOUR="green").stdout.strip()
    shell("wait", again)
    assert shell("logs", again).stdout == "[green]\n"
