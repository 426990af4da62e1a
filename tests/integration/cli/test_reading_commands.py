"""Commands that read: as a table, as JSON, without an owner, with nothing there, with hostile text."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest
from click.testing import CliRunner

from tasktui.cli import watch
from tasktui.cli.main import cli
from tasktui.cli.reading import stored_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from tasktui.cli.session import Session
    from tests.integration.cli.conftest import Shell

PATIENCE_S = 20
SCRIPT = """
tasktui emit progress 3/10 --phase compile
call=$(tasktui emit tool-start bash 'ls -l')
tasktui emit tool-end $call 'total 0'
printf 'a file\\n' > $TASKTUI_ARTIFACTS/out.txt
printf '[x] one\\n[ ] two\\n' | tasktui emit checklist -
tasktui emit gate test failed --summary '2 failed'
tasktui emit message 'the needle in the haystack'
echo shown; echo wrong >&2
"""


@pytest.fixture(scope="module")
def told(shell: Shell) -> str:
    """A task that has reported everything."""
    task = shell.submit("sh", "-c", SCRIPT, options=("--name", "reporter", "--tag", "told"))
    assert shell("wait", task).returncode == 0
    return task


def test_ls_prints_a_line_a_task_and_json_its_fields(shell: Shell, told: str) -> None:
    listed = shell("ls", "tag:told").stdout.splitlines()
    assert listed[0].split()[:2] == ["ID", "STATUS"]
    assert listed[1].split()[0] == told[:13]
    row = shell.objects("ls", "--json", "tag:told")[0]
    assert (row["id"], row["status"], row["exit_code"], row["tags"]) == (told, "completed", 0, ["told"])
    assert row["created_at"].endswith("Z")
    assert row["counters"]["tool_calls"] == 1


def test_show_json_adds_what_belongs_to_it(shell: Shell, told: str) -> None:
    shown = shell.objects("show", "--json", told)[0]
    assert shown["spec"]["work"]["argv"][:2] == ["sh", "-c"]
    assert [item["status"] for item in shown["checklist"]["items"]] == ["completed", "pending"]
    assert [gate["summary"] for gate in shown["gates"]] == ["2 failed"]
    assert [call["name"] for call in shown["tool_calls"]] == ["bash"]
    assert [one["label"] for one in shown["artifacts"]] == ["out.txt"]
    assert {"attempts", "interventions", "approvals", "segments", "github_events"} <= shown.keys()


def test_show_is_the_same_object_as_the_owner_gives(shell: Shell, told: str) -> None:
    from tasktui.service.light import call, start_owner

    start_owner(shell.home)
    assert call(shell.home, "GET", f"/v1/tasks/{told}/detail") == shell.objects("show", "--json", told)[0]


def test_show_as_a_page(shell: Shell, told: str) -> None:
    page = shell("show", told).stdout
    for part in ("reporter", "[x] one", "[ ] two", "test failed  2 failed", f"tasktui logs {told}   1 run\n"):
        assert part in page


def test_show_says_what_is_being_done_while_it_is(shell: Shell) -> None:
    task = shell.submit("sh", "-c", "tasktui emit progress 3/10 --phase compiling; read -r line")
    shell.until(task, lambda row: row["progress"] is not None)
    assert "progress   3/10 compiling\n" in shell("show", task).stdout
    assert shell("cancel", task, "--force").returncode == 0


def test_a_database_is_as_large_as_with_its_journal(tmp_path: Path) -> None:
    file = tmp_path / "tasktui.db"
    assert stored_bytes(file) == 0
    file.write_bytes(b"ab")
    file.with_name("tasktui.db-wal").write_bytes(b"cde")
    assert stored_bytes(file) == 5


def test_timeline_tools_and_artifacts(shell: Shell, told: str) -> None:
    lines = shell("timeline", told).stdout
    assert "bash      ls -l" in lines
    assert "the needle in the haystack" in lines
    types = [event["type"] for event in shell.objects("timeline", told, "--json")]
    assert (types[0], types[-1]) == ("task.created", "task.finished")
    assert shell.objects("tools", told, "--json")[0]["output_summary"] == "total 0"
    assert shell("artifacts", told, "--get", "out.txt").stdout == "a file\n"
    missing = shell("artifacts", told, "--get", "../../tasktui.db")
    assert missing.returncode == 3


def test_logs_keep_both_streams_apart_unless_merged(shell: Shell, told: str) -> None:
    ran = shell("logs", told)
    assert (ran.stdout, ran.stderr) == ("shown\n", "wrong\n")
    merged = shell("logs", told, "--merge")
    assert (sorted(merged.stdout.split()), merged.stderr) == (["shown", "wrong"], "")
    assert shell("logs", told, "--run", "2").returncode == 3


def test_logs_follow_to_the_end(shell: Shell) -> None:
    task = shell.submit("sh", "-c", "echo one; sleep 1; echo two")
    ran = shell("logs", "-f", task)
    assert (ran.returncode, ran.stdout) == (0, "one\ntwo\n")


def test_search_finds_what_was_said(shell: Shell, told: str) -> None:
    hits = shell.objects("search", "needle in the hay", "--json")
    assert (told, "message") in {(hit["task_id"], hit["source"]) for hit in hits}
    none = shell("search", "nobody says this")
    assert (none.returncode, none.stdout) == (0, "")


def test_events_are_envelopes_in_order(shell: Shell, told: str) -> None:
    events = shell.objects("events")
    gids = [event["gid"] for event in events]
    assert gids == sorted(gids)
    assert {"v", "seq", "task_id", "run", "ts", "type", "actor", "data"} <= events[0].keys()
    assert shell.objects("events", "--after", str(gids[-2]))[0]["gid"] == gids[-1]


def test_events_and_watch_go_on_as_more_comes(shell: Shell, told: str) -> None:
    followers = [shell.start("events", "-f"), shell.start("watch", "--plain")]
    try:
        for follower in followers:
            assert follower.stdout is not None
            assert follower.stdout.readline(), "from now on it follows"
        task = shell.submit("echo", "seen by both")
        for follower in followers:
            assert follower.stdout is not None
            assert any(task[:13] in line and "completed" in line for line in follower.stdout)
    finally:
        for follower in followers:
            follower.send_signal(signal.SIGINT)
            follower.communicate(timeout=PATIENCE_S)
    assert [follower.returncode for follower in followers] == [130, 130]


def test_watch_misses_nothing_that_comes_while_it_says_how_all_stands(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    print_state = watch._print_state

    def slowly(session: Session) -> int:
        at = print_state(session)
        shell.submit("echo", "meanwhile", options=("--name", "came meanwhile"))
        return at

    shell.submit("true")
    monkeypatch.setattr(watch, "_print_state", slowly)
    told = CliRunner().invoke(cli, ["--home", str(shell.home), "watch", "--once"])
    assert "came meanwhile created" in told.stdout, told.output


ASKING = """
import subprocess, sys
ask = [sys.executable, "-m", "tasktui", "emit", "ask", "Which way?", "--option", "left", "--option", "right"]
sys.exit(subprocess.run(ask, stdout=subprocess.PIPE, text=True).stdout.strip() != "left")
"""


def test_watch_says_what_to_type_where_a_task_waits(shell: Shell) -> None:
    follower = shell.start("--plain")
    assert follower.stdout is not None
    try:
        counted = follower.stdout.readline()
        task = shell.submit(sys.executable, "-c", ASKING, options=("--name", "at the fork"))
        line = next(line for line in follower.stdout if "at the fork question: " in line)
        command = line.partition("Answer with: tasktui ")[2].split()
        standing = shell("watch", "--once").stdout
        assert shell(*command[:-1], "left").returncode == 0
        assert any("at the fork completed" in line and f"({task[:13]})" in line for line in follower.stdout)
        whole = shell("watch", "--once", "--after", "0").stdout
        past = next(line for line in whole.splitlines() if "at the fork question: " in line)
    finally:
        follower.send_signal(signal.SIGINT)
        follower.communicate(timeout=PATIENCE_S)
    assert re.fullmatch(r"\d+ needs? you, \d+ running, \d+ queued\.\n", counted)
    assert "Which way? options: left, right. Answer with: tasktui send" in line
    asks = f"at the fork asks: Which way? One of: left, right. Answer with: tasktui send {task} --answer"
    assert asks in standing
    assert "Answer with" not in past, "it is answered"
    assert "Which way?" in past


def test_stats_with_the_owner_and_without(shell: Shell, told: str) -> None:
    made = shell.objects("stats", "--json")[0]
    assert made["counts"]["by_status"]["completed"] >= 1
    assert made["pid"] == shell.owner
    assert f"process {shell.owner}" in shell("stats").stdout


def test_reading_starts_no_owner(fresh: Shell) -> None:
    task = fresh.submit("echo", "kept")
    assert fresh("wait", task).returncode == 0
    assert fresh.owner is not None
    owner = psutil.Process(fresh.owner)
    owner.terminate()
    psutil.wait_procs([owner], timeout=PATIENCE_S)
    for argv in (("ls",), ("show", task), ("timeline", task), ("logs", task), ("stats",), ("search", "kept")):
        ran = fresh(*argv)
        assert (argv, ran.returncode) == (argv, 0), ran.stderr
        assert ran.stdout
    assert fresh.owner is None


@pytest.mark.parametrize(
    "argv", [("ls",), ("ls", "--json"), ("events",), ("stats",), ("search", "x"), ("watch", "--once")]
)
def test_with_nothing_there_nothing_is_made(fresh: Shell, argv: tuple[str, ...]) -> None:
    assert fresh(*argv).returncode == 0
    assert not fresh.home.exists()


@pytest.mark.parametrize("command", ["show", "timeline", "tools", "logs", "artifacts", "wait", "cancel"])
def test_an_unknown_id_exits_3(shell: Shell, told: str, command: str) -> None:
    ran = shell(command, "nobody")
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, "", "tasktui: Task not found: nobody\n")


def test_an_ambiguous_prefix_exits_4_and_names_the_tasks(shell: Shell, told: str) -> None:
    other = shell.submit("true")
    ran = shell("show", "task_", "--json")
    error = json.loads(ran.stderr)["error"]
    assert (ran.returncode, error["code"]) == (4, "AMBIGUOUS")
    known = {row["id"] for row in shell.objects("ls", "--json")}
    candidates = set(error["details"]["candidates"])
    assert (len(candidates) > 1, {told, other, *candidates} <= known) == (True, True), "some of them"
    said = shell("show", "task_").stderr
    assert re.search(r"matches \d+ tasks: task_\w{16}, task_\w{16}.*\. Type more of the id\.$", said)


def test_the_beginning_of_an_id_is_enough(shell: Shell, told: str) -> None:
    for prefix in (told[:13], told.removeprefix("task_")[:10]):
        assert shell.objects("show", "--json", prefix)[0]["id"] == told


def test_a_shell_completes_ids_with_titles(shell: Shell, told: str) -> None:
    words = {
        "_TASKTUI_COMPLETE": "zsh_complete", "COMP_WORDS": f"tasktui show {told[:13]}", "COMP_CWORD": "2",
    }  # fmt: skip
    assert shell(**words).stdout.splitlines()[:3] == ["plain", told, "completed reporter"]


def test_a_bad_filter_points_at_its_column(shell: Shell, told: str) -> None:
    ran = shell("ls", "kind:shell", "statis:failed")
    assert ran.returncode == 2
    assert ran.stderr.startswith("tasktui: Column 12 of the filter 'kind:shell statis:failed'")
    assert "status" in ran.stderr


def test_a_bad_setting_names_file_and_key(shell: Shell, told: str) -> None:
    (shell.cwd / "config.toml").write_text("lane_limt = 3\n")
    ran = shell("ls", TASKTUI_CONFIG=str(shell.cwd / "config.toml"))
    assert ran.returncode == 2
    assert "config.toml" in ran.stderr
    assert "lane_limit" in ran.stderr


def test_a_damaged_database_is_a_sentence(fresh: Shell) -> None:
    fresh.home.mkdir(mode=0o700)
    (fresh.home / "tasktui.db").write_bytes(b"no database at all, but long enough to be read as one" * 100)
    ran = fresh("ls")
    assert ran.returncode == 1
    assert ran.stderr.startswith("tasktui: The database")
    assert ran.stderr.count("\n") == 1


HOSTILE = "\x1b[2J\x1b]0;owned\x07\u202eevil [red]"


@pytest.mark.parametrize("command", ["ls", "show", "timeline", "logs", "watch"])
def test_a_terminal_gets_no_byte_of_a_tasks_own_making(shell: Shell, command: str) -> None:
    printed = HOSTILE.encode("unicode_escape").decode()
    task = shell.submit("printf", printed, options=("--name", f"x{HOSTILE}"))
    assert shell("wait", task).returncode == 0
    assert shell("logs", task).stdout == HOSTILE
    argv = {"ls": ["ls", f"id:{task}"], "watch": ["watch", "--once", "--after", "0"]}.get(
        command, [command, task]
    )
    seen = on_a_terminal(shell, argv)
    assert "[red]" in seen
    for bad in ("\x1b[2J", "\x1b]0", "\x07", "\u202e"):
        assert bad not in seen
    assert not set(seen) & {chr(code) for code in (*range(0x07), 0x08, 0x0B, 0x0C, *range(0x0E, 0x1B))}


@pytest.mark.parametrize("words", [["ls", "--json", "id:{}"], ["timeline", "{}", "--json"], ["export", "{}"]])
def test_json_on_a_terminal_says_the_same_without_a_byte_of_a_tasks_own_making(
    shell: Shell, words: list[str]
) -> None:
    name = "x\x9b2J\x9d0;owned\x9c\x7f\u202e\u200b\U000e0068 ü日"
    task = shell.submit("true", options=("--name", name))
    assert shell("wait", task).returncode == 0
    argv = [word.format(task) for word in words]
    seen = on_a_terminal(shell, argv)
    assert not set(seen) & set("\x7f\x9b\x9c\x9d\u202e\u200b\U000e0068")
    assert name in json.dumps([json.loads(line) for line in seen.splitlines()], ensure_ascii=False)
    assert "\x9b" in shell(*argv).stdout, "a pipe gets what it is"


def on_a_terminal(shell: Shell, argv: list[str]) -> str:
    """Run it on a pty and return all that the terminal got."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tasktui", *argv], stdin=theirs, stdout=theirs, stderr=theirs, env=shell.env
    )
    os.close(theirs)
    read, deadline = b"", time.monotonic() + PATIENCE_S
    try:
        while time.monotonic() < deadline:
            try:
                block = os.read(ours, 65_536)
            except OSError:
                break
            if not block:
                break
            read += block
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.wait(PATIENCE_S)
        os.close(ours)
    return read.decode("utf-8", "strict")
