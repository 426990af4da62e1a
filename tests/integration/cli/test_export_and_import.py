"""Tasks leave one data directory and come into another: whole, once, and never started by it."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli.conftest import Shell

WORK = """
echo out; echo err >&2; printf 'kept' > "$TASKTUI_ARTIFACTS/kept.txt"
tell() { printf '{"type": "%s", "data": %s}\\n' "$1" "$2" >> "$TASKTUI_EVENTS"; }
tell task.progress '{"current": 3, "total": 4, "phase": "most"}'
tell usage.tokens '{"input_tokens": 5, "output_tokens": 6, "cost_usd": 0.25}'
tell tool.started '{"call_id": "c", "name": "bash", "input": "ls"}'
tell gate.recorded '{"gate": {"id": "g", "gate": "fmt", "status": "passed"}}'
python3 -c 'print("r" * 3000)'
exit 3
"""
GIVEN_ANEW = {"created_seq", "position", "last_seq", "updated_at"}
"""What is of the place where a task stands, not of the task."""


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Shell]:
    """A second data directory."""
    made = Shell(tmp_path / "other", tmp_path)
    yield made
    made.end()


def whole(shell: Shell, task_id: str) -> dict[str, Any]:
    (shown,) = shell.objects("show", "--json", task_id)
    shown["counters"].pop("events")
    for call in shown["tool_calls"]:
        call.pop("number")
    return {name: value for name, value in shown.items() if name not in GIVEN_ANEW}


def facts(shell: Shell, task_id: str) -> list[dict[str, Any]]:
    lines = shell.objects("timeline", "--json", task_id)
    return [
        {name: value for name, value in line.items() if name != "gid"}
        for line in lines
        if line["type"] != "task.imported"
    ]


def test_an_export_gives_the_same_tasks_elsewhere(fresh: Shell, other: Shell) -> None:
    rich = fresh.submit("sh", "-c", WORK, options=("--name", "rich", "--tag", "t", "--env", "TOKEN=secret"))
    fresh("wait", rich)
    acked = fresh.submit("true", options=("--client", "c", "--request", "r"))
    fresh("wait", acked)
    assert fresh("ack", acked).returncode == 0
    hidden = fresh.submit("true")
    fresh("wait", hidden)
    assert fresh("archive", hidden).returncode == 0
    waiting = fresh.submit("true", options=("--hold", "--after", acked))
    exported = fresh("export", "-o", "out.ndjson")
    assert (exported.returncode, exported.stderr.split()[1]) == (0, "4")
    file = fresh.cwd / "out.ndjson"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "secret" not in file.read_text()

    came = other("import", "out.ndjson")
    assert (came.returncode, came.stdout) == (0, "4 tasks imported\n"), came.stderr
    for task_id in (rich, acked, hidden):
        assert whole(other, task_id) == whole(fresh, task_id)
        assert facts(other, task_id) == facts(fresh, task_id)
    assert other.row(rich)["progress"]["percentage"] == 75
    assert (other.row(rich)["usage"]["cost_usd"], len(whole(other, rich)["gates"])) == (0.25, 1)
    assert other("logs", rich).stdout == fresh("logs", rich).stdout
    assert other("logs", rich).stderr == "err\n"
    assert other("artifacts", rich, "--get", "kept.txt").stdout == "kept"
    (result,) = [one for one in whole(other, rich)["artifacts"] if one["role"] == "result"]
    assert "rrr" in other("artifacts", rich, "--get", result["path"]).stdout
    assert other("search", "err").stdout
    assert (other.row(waiting)["status"], other.row(waiting)["held"]) == ("queued", True)

    again = other.objects("import", "out.ndjson", "--json")
    assert again == [{"imported": 0, "known": 4, "refused": []}]
    assert len(other.objects("ls", "--json")) == 3


def test_what_runs_elsewhere_is_interrupted_here(fresh: Shell, other: Shell) -> None:
    task = fresh.submit("sh", "-c", "echo begun; sleep 60")
    fresh.running(task)
    exported = fresh("export", task)
    came = other("import", "-", stdin=exported.stdout)
    assert came.returncode == 0, came.stderr
    row = other.row(task)
    assert (row["status"], row["terminal_reason"]) == ("interrupted", "process_restart")


def test_a_damaged_export_costs_only_the_damaged_task(fresh: Shell, other: Shell) -> None:
    first, second, third = (fresh.submit("true", options=("--hold",)) for _ in range(3))
    lines = fresh("export", "--no-files").stdout.splitlines()
    assert not any(line.startswith('{"file"') for line in lines)
    events = [place for place, line in enumerate(lines) if line.startswith('{"event"')]
    lines[events[1]] = lines[events[1]][:40]
    came = other("import", "-", stdin="\n".join(lines[:-1]))
    assert came.returncode == 1
    assert came.stdout == "1 task imported, 2 could not be read\n"
    assert f"not imported: {second}: line" in came.stderr
    assert f"not imported: {third}: it was cut off" in came.stderr
    assert other.row(first)["status"] == "queued"


def test_files_of_an_export_stay_in_their_place(fresh: Shell) -> None:
    event = {
        "run": 0, "ts": "2026-01-01T00:00:00Z", "type": "task.created", "actor": None,
        "data": {"title": "t", "spec": {"work": {"kind": "shell", "argv": ["true"]}}},
    }  # fmt: skip
    places = ["../../evil", "tasks/task_x/../../evil", "tasks/other/evil", "/etc/evil", "tasks/task_x/env"]
    lines: list[object] = [{"tasktui_export": 1}, {"task": {"id": "task_x"}}, {"event": event}]
    lines += [{"file": {"path": path, "offset": 0, "data": "ZXZpbA=="}} for path in places]
    lines += [{"end": {"events": 1}}]
    came = fresh("import", "-", stdin="\n".join(map(json.dumps, lines)))
    assert came.returncode == 1
    assert came.stderr.count("Not a file of task_x") == len(places)
    assert not [path for path in fresh.cwd.rglob("*") if path.name in {"evil", "env"}]


def test_a_dry_run_changes_nothing(fresh: Shell) -> None:
    state = {
        "id": 1,
        "created_at": "2026-01-01T00:00:00Z",
        "command": "make",
        "path": "/",
        "status": "Queued",
    }
    document = json.dumps({"tasks": {"1": state}, "groups": {}})
    dry = fresh("import", "-", "--dry-run", stdin=document)
    assert (dry.returncode, dry.stdout) == (0, "1 task imported (nothing was changed)\n")
    assert not fresh.home.exists()
    assert fresh("--readonly", "import", "-", stdin=document).returncode == 7
    assert fresh("import", "-", "--format", "deepseek", stdin=document).returncode == 2
    assert fresh("import", "-", stdin=document).returncode == 0
    (row,) = fresh.objects("ls", "--json")
    assert (row["title"], row["held"], row["external_id"]) == ("make", True, "pueue:1")


@pytest.mark.feature(100)
def test_a_directory_of_004_comes_with_its_files(fresh: Shell) -> None:
    data = fresh.cwd / "old"
    (data / "tasks").mkdir(parents=True)
    (data / "artifacts/task_a").mkdir(parents=True)
    (data / "artifacts/task_a/r.txt").write_text("the result")
    record = {
        "schema_version": 2, "id": "task_a", "prompt": "do it", "model": "m", "workspace": "/tmp",
        "mode": "agent", "allow_shell": True, "trust_mode": False, "status": "completed",
        "created_at": "2026-01-02T03:04:05Z", "started_at": "2026-01-02T03:04:06Z",
        "ended_at": "2026-01-02T03:05:06Z", "duration_ms": 60_000, "result_summary": "done",
        "result_detail_path": "artifacts/task_a/r.txt", "tool_calls": [], "timeline": [],
    }  # fmt: skip
    (data / "tasks/task_a.json").write_text(json.dumps(record))
    (data / "tasks/task_b.json").write_text('{"id": "task_b"')
    came = fresh("import", str(data))
    assert (came.returncode, came.stdout) == (1, "1 task imported, 1 could not be read\n")
    assert "not imported: task_b.json" in came.stderr
    row = fresh.row("task_a")
    assert (row["kind"], row["status"], row["created_at"]) == (
        "agent",
        "completed",
        "2026-01-02T03:04:05.000Z",
    )
    assert fresh("artifacts", "task_a", "--get", "r.txt").stdout == "the result"


def test_a_report_is_markdown_that_no_task_can_break(fresh: Shell) -> None:
    hostile = "````\n# not a heading\n\x1b[31m<b>"
    task = fresh.submit("printf", "%s", hostile, options=("--name", "# [x](y)\x1b]0;z\x07"))
    fresh("wait", task)
    report = fresh("export", "--format", "md", task)
    assert report.returncode == 0
    assert "\x1b" not in report.stdout
    assert report.stdout.startswith("# \\# \\[x\\](y)")
    assert f"- **Task:** `{task}`" in report.stdout
    assert "\n`````\n" in report.stdout
    assert "## Timeline" in report.stdout


def test_what_cannot_be_imported_says_what_can(fresh: Shell) -> None:
    for content in ("", "nothing", "[1, 2]", '{"a": 1}'):
        came = fresh("import", "-", stdin=content)
        assert came.returncode == 2
        assert "Nothing that can be imported" in came.stderr
    assert fresh("export", "task_none").returncode == 3
