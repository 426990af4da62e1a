"""What waits, stands still or recurs, from the command line: places, changes, pauses, lanes, schedules."""

from __future__ import annotations

import json
import signal
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.cli.conftest import Shell

PATIENCE_S = 20
HELD = ("--hold", "--lane", "shelf")


def fine(shell: Shell, *argv: str) -> str:
    ran = shell(*argv)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def order(shell: Shell, lane: str) -> list[str]:
    rows = shell.objects("ls", "--json", f"lane:{lane}", "status:queued")
    return [row["id"] for row in sorted(rows, key=lambda row: (-row["priority"], row["position"]))]


@pytest.fixture
def shelf(shell: Shell) -> list[str]:
    """Four held tasks of one lane."""
    for task in order(shell, "shelf"):
        fine(shell, "cancel", task)
    return [shell.submit("true", options=HELD) for _ in range(4)]


def test_a_queued_task_moves_to_any_place(shell: Shell, shelf: list[str]) -> None:
    a, b, c, d = shelf
    assert d in fine(shell, "reorder", d, "first")
    assert order(shell, "shelf") == [d, a, b, c]
    fine(shell, "reorder", a, "later")
    assert order(shell, "shelf") == [d, b, a, c]
    fine(shell, "reorder", c, "--before", b)
    assert order(shell, "shelf") == [d, c, b, a]
    fine(shell, "reorder", d, "--after", b)
    assert order(shell, "shelf") == [c, b, d, a]
    made = json.loads(fine(shell, "reorder", d, "--after", b, "--json"))
    assert (made["id"], order(shell, "shelf")) == (d, [c, b, d, a])


def test_a_place_that_makes_no_sense_is_refused(shell: Shell, shelf: list[str]) -> None:
    a, b, *_ = shelf
    fine(shell, "priority", b, "5")
    for argv, code, said in (
        ((a, "--before", b), 5, "different queues"),
        ((a, "--after", a), 5, "neither before nor after itself"),
        ((a,), 2, "say one of"),
        ((a, "first", "--before", b), 2, "say one of"),
    ):
        ran = shell("reorder", *argv)
        assert (ran.returncode, said in ran.stderr) == (code, True), ran.stderr


def test_a_queued_task_is_changed_by_options(shell: Shell, shelf: list[str]) -> None:
    a, b, *_ = shelf
    fine(shell, "edit", a, b, "--name", "better", "--timeout", "5m", "--retries", "2", "--tag", "x")
    for task in (a, b):
        row = shell.row(task)
        assert (row["title"], row["timeout_s"], row["retries"], row["held"]) == ("better", 300, 2, True)
    assert shell("edit", a, b).returncode == 2
    refused = shell("edit", a, "--lane", "two words")
    assert (refused.returncode, refused.stderr[:14]) == (2, "tasktui: lane:")
    ran = shell("edit", a, "--exclusive", "k")
    assert (ran.returncode, "No such option" in ran.stderr) == (2, True)


def test_a_queued_task_is_changed_in_the_editor(shell: Shell, shelf: list[str], tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i \'s/"true"/"false"/\' "$1"\n')
    editor.chmod(0o755)
    ran = shell("edit", shelf[0], EDITOR=str(editor), VISUAL=str(editor))
    assert ran.returncode == 0, ran.stderr
    assert shell.row(shelf[0])["title"] == "false"
    ran = shell("edit", shelf[0], EDITOR="true", VISUAL="true")
    assert (ran.returncode, "Nothing was changed" in ran.stderr) == (2, True)


def test_a_finished_task_runs_again_with_changed_fields(shell: Shell) -> None:
    task = shell.submit("false", options=("--name", "flaky"))
    assert shell("wait", task).returncode == 1
    again = fine(shell, "retry", task, "--name", "flaky again", "--env", "A=1", "--hold").strip()
    row = shell.row(again)
    assert (row["title"], row["retry_of"], row["held"]) == ("flaky again", task, True)
    assert shell.objects("show", again, "--json")[0]["spec"]["env_keys"] == ["A"]
    fine(shell, "cancel", again)


def test_running_work_stands_still_and_goes_on(shell: Shell) -> None:
    task = shell.submit("sleep", "120")
    shell.running(task)
    # it is running from its claim on, a moment before there is its process
    _until(lambda: _programs(task, "sleep"))
    (process,) = _programs(task, "sleep")
    assert "paused" in fine(shell, "pause", task)
    _until(lambda: process.status() == psutil.STATUS_STOPPED)
    assert shell.row(task)["paused_at"] is not None
    assert "paused" in fine(shell, "ls", f"id:{task}")
    fine(shell, "resume", "--all")
    _until(lambda: process.status() != psutil.STATUS_STOPPED)
    assert shell.row(task)["paused_at"] is None
    fine(shell, "cancel", task, "--force")
    assert shell("wait", task).returncode == 1
    assert shell("pause", task).returncode == 5


def test_a_lane_gets_another_limit_and_is_paused(shell: Shell) -> None:
    (lane,) = shell.objects("lanes", "one", "--json")
    assert (lane["limit"], lane["paused"]) == (1, False)
    first = shell.submit("sleep", "60", options=("--lane", "one"))
    second = shell.submit("sleep", "60", options=("--lane", "one"))
    shell.running(first)
    assert shell.row(second)["status"] == "queued"
    assert "2" in fine(shell, "lanes", "one", "--limit", "2")
    shell.running(second)
    assert "paused" in fine(shell, "lanes", "one", "--pause")
    third = shell.submit("true", options=("--lane", "one"))
    fine(shell, "cancel", first, second, "--force")
    shell("wait", first, second)
    assert shell.row(third)["status"] == "queued"
    fine(shell, "lanes", "one", "--resume", "--limit", "1")
    assert shell("wait", third).returncode == 0
    assert shell("lanes", "nowhere").returncode == 3
    assert shell("lanes", "--limit", "3").returncode == 2


def test_lanes_and_schedules_are_read_without_an_owner(fresh: Shell) -> None:
    assert [lane["lane"] for lane in fresh.objects("lanes", "--json")] == ["default", "one"]
    assert fresh("schedules").stdout == ""
    assert fresh.owner is None
    task = fresh.submit("true", options=("--every", "1h", "--name", "hourly"))
    fine(fresh, "wait", task)
    _until(lambda: fresh.objects("schedules", "--json")[0]["task_id"] != task)
    fine(fresh, "lanes", "gpu", "--limit", "3", "--pause")
    asked = fresh.objects("lanes", "--json"), fresh.objects("schedules", "--json")
    pid = fresh.owner
    assert pid is not None
    process = psutil.Process(pid)
    process.terminate()
    psutil.wait_procs([process], timeout=PATIENCE_S)
    read = fresh.objects("lanes", "--json"), fresh.objects("schedules", "--json")
    assert fresh("doctor").returncode in {0, 1}
    assert read[0] == asked[0]
    assert [_known(one) for one in read[1]] == [_known(one) for one in asked[1]]


def test_what_recurs_is_listed_and_stopped(shell: Shell) -> None:
    task = shell.submit("true", options=("--every", "1h", "--name", "hourly", "--on-missed", "skip"))
    assert shell("wait", task).returncode == 0
    _until(lambda: shell.objects("schedules", "--json")[0]["task_id"] != task)
    (one,) = shell.objects("schedules", "--json")
    assert (one["every"], one["title"]) == ("1h", "hourly")
    listed = fine(shell, "schedules")
    assert "in 59m" in listed
    assert one["schedule_id"] in listed
    assert "stopped  hourly" in fine(shell, "schedules", "stop", one["schedule_id"][:8])
    assert shell.row(one["task_id"])["status"] == "canceled"
    assert "Nothing recurs" in shell("schedules").stderr
    assert shell("schedules", "stop", "sched_0").returncode == 3


def test_options_about_waiting_arrive(shell: Shell) -> None:
    parent = shell.submit("true", options=("--hold",))
    child = shell.submit(
        "true",
        options=("--after", parent, "--on-parent-failure", "hold", "--not-before", "2099-01-01T00:00Z",
                 "--queue-timeout", "1h", "--retries", "1"),
    )  # fmt: skip
    row = shell.row(child)
    assert row["not_before"] == "2099-01-01T00:00:00.000Z"
    assert (row["queue_timeout_s"], row["retries"]) == (3600, 1)
    assert shell("run", "-d", "--delay", "1m", "--not-before", "22:30", "--", "true").returncode == 2
    fine(shell, "cancel", parent)
    assert shell.until(child, lambda now: now["held"])["status"] == "queued"
    fine(shell, "cancel", child)


def waiting_told(shell: Shell, *argv: str, says: str) -> None:
    """Follow a task that waits, until it says why, then cancel it."""
    process = shell.start("run", *argv, "--", "true")
    assert process.stderr is not None
    assert says in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130


def test_who_follows_a_task_is_told_what_it_waits_for(shell: Shell) -> None:
    holder = shell.submit("true", options=("--hold", "--exclusive", "deploy"))
    fine(shell, "lanes", "shut", "--pause", "--limit", "1")
    refused = shell("run", "-d", "--exclusive", "deploy", "--", "true")
    assert (refused.returncode, refused.stderr) == (
        5,
        f"tasktui: The key deploy is taken by {holder}. --on-conflict queue waits in line for it.\n",
    )
    line = ("--exclusive", "deploy", "--on-conflict", "queue")
    waiting_told(shell, *line, says=f"in line for deploy behind {holder}")
    waiting_told(shell, "--lane", "shut", says="lane shut is paused. Let it go on with tasktui lanes shut")
    fine(shell, "hold", holder, "--until", "2099-01-01T08:00Z", "--reason", "lunch")
    page = fine(shell, "show", holder)
    assert "deploy" in page
    assert "lunch, until 2099-01-01T08:00:00.000Z" in page
    fine(shell, "cancel", holder)


def completed(shell: Shell, *words: str) -> list[str]:
    env = {"_TASKTUI_COMPLETE": "bash_complete", "COMP_CWORD": str(len(words)),
           "COMP_WORDS": " ".join(("tasktui", *words))}  # fmt: skip
    return [line.partition(",")[2] for line in shell(**env).stdout.splitlines()]


def test_lanes_and_schedules_are_completed(shell: Shell) -> None:
    task = shell.submit("true", options=("--every", "1h", "--lane", "narrow", "--hold"))
    (one,) = [one for one in shell.objects("schedules", "--json") if one["lane"] == "narrow"]
    assert completed(shell, "lanes", "narr") == ["narrow"]
    assert completed(shell, "run", "--lane", "narr") == ["narrow"]
    assert completed(shell, "schedules", "stop", one["schedule_id"][:9]) == [one["schedule_id"]]
    fine(shell, "schedules", "stop", one["schedule_id"])
    assert one["schedule_id"] not in completed(shell, "schedules", "stop", "sched_")
    fine(shell, "cancel", task)


def test_a_hold_ends_by_itself(shell: Shell) -> None:
    task = shell.submit("true", options=("--hold",))
    fine(shell, "release", task)
    later = shell.submit("true", options=("--delay", "1h"))
    fine(shell, "hold", later, "--until", "2099-01-01T08:00Z", "--reason", "lunch")
    assert shell.row(later)["held_until"] == "2099-01-01T08:00:00.000Z"
    assert shell("hold", later, "--until", "noon").returncode == 2
    fine(shell, "cancel", later)


def _known(one: dict[str, Any]) -> tuple[Any, ...]:
    return one["schedule_id"], one["every"], one["title"], one["lane"], one["task_id"], one["next_at"][:16]


def _programs(task: str, name: str) -> list[psutil.Process]:
    """Return the processes of a task that run this program."""
    found = []
    for process in psutil.process_iter(["environ", "name"]):
        of = (process.info["environ"] or {}).get("TASKTUI_TASK_ID")
        if (of, process.info["name"]) == (task, name):
            found.append(process)
    return found


def _until(holds: Any) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
