"""Databases of vibe-kanban, of today and of before its sessions, as history."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasktui.compat.chronicle import Unreadable
from tasktui.compat.vibe_kanban import histories
from tasktui.domain.errors import InvalidError
from tasktui.domain.history import History, at_rest, row_of
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Kind, Status

T0, T1, T2 = "2026-01-02 03:04:05.100", "2026-01-02T03:04:06+00:00", "2026-01-02 03:05:06.000"
NOW = """
CREATE TABLE tasks (id BLOB PRIMARY KEY, title TEXT, description TEXT, status TEXT, created_at TEXT);
CREATE TABLE workspaces (id BLOB PRIMARY KEY, task_id BLOB, container_ref TEXT, branch TEXT, name TEXT);
CREATE TABLE sessions (id BLOB PRIMARY KEY, workspace_id BLOB, executor TEXT);
CREATE TABLE execution_processes (id BLOB PRIMARY KEY, session_id BLOB, run_reason TEXT, executor_action TEXT,
    status TEXT, exit_code INTEGER, started_at TEXT, completed_at TEXT, created_at TEXT);
CREATE TABLE coding_agent_turns (id BLOB PRIMARY KEY, execution_process_id BLOB, agent_session_id TEXT,
    prompt TEXT, summary TEXT);
INSERT INTO tasks VALUES (x'01', 'Fix login', 'It hangs.', 'inprogress', '{T0}');
INSERT INTO tasks VALUES (x'02', 'Later', NULL, 'todo', '{T0}');
INSERT INTO workspaces VALUES (x'03', x'01', '/trees/fix', 'vk/fix', NULL);
INSERT INTO sessions VALUES (x'04', x'03', 'CLAUDE_CODE');
INSERT INTO execution_processes VALUES
    (x'05', x'04', 'setupscript', '{SCRIPT}', 'failed', 2, '{T1}', '{T2}', '{T0}');
INSERT INTO execution_processes VALUES
    (x'06', x'04', 'codingagent', '{}', 'completed', 0, '{T1}', '{T2}', '{T1}');
INSERT INTO execution_processes VALUES
    (x'07', x'04', 'codingagent', '{}', 'running', NULL, '{T1}', NULL, '{T2}');
INSERT INTO execution_processes VALUES
    (x'08', x'04', 'codingagent', '{}', 'dreaming', NULL, '{T1}', NULL, '{T2}');
INSERT INTO coding_agent_turns VALUES (x'09', x'06', 'agent-1', 'Fix the login', 'Fixed.');
"""
BEFORE = """
CREATE TABLE tasks (id BLOB PRIMARY KEY, title TEXT, status TEXT, created_at TEXT);
CREATE TABLE task_attempts (id BLOB PRIMARY KEY, task_id BLOB, worktree_path TEXT, executor TEXT);
CREATE TABLE execution_processes (id BLOB PRIMARY KEY, task_attempt_id BLOB, process_type TEXT, status TEXT,
    command TEXT, exit_code INTEGER, started_at TEXT, completed_at TEXT, created_at TEXT);
CREATE TABLE executor_sessions (id BLOB, execution_process_id BLOB, session_id TEXT, prompt TEXT);
INSERT INTO tasks VALUES (x'01', 'Old', 'done', '{T0}');
INSERT INTO task_attempts VALUES (x'02', x'01', '/old', 'amp');
INSERT INTO execution_processes VALUES
    (x'03', x'02', 'devserver', 'killed', 'npm run dev', NULL, '{T1}', '{T2}', '{T0}');
"""
SCRIPT = json.dumps({"typ": {"type": "ScriptRequest", "script": "npm ci"}, "next_action": None})


def base(path: Path, schema: str) -> Path:
    for name, value in (("{T0}", T0), ("{T1}", T1), ("{T2}", T2), ("{SCRIPT}", SCRIPT)):
        schema = schema.replace(name, value)
    connection = sqlite3.connect(path / "db.sqlite")
    connection.executescript(schema)
    connection.close()
    return path / "db.sqlite"


def rows(path: Path) -> list[TaskRow]:
    return [row_of(at_rest(one)) for one in histories(path) if isinstance(one, History)]


def test_every_process_is_a_task_and_every_card_to_do_a_held_one(tmp_path: Path) -> None:
    setup, agent, running, card = rows(base(tmp_path, NOW))
    assert (setup.kind, setup.status, setup.exit_code, setup.title) == (
        Kind.SHELL, Status.FAILED, 2, "Fix login",
    )  # fmt: skip
    assert (agent.kind, agent.status, agent.result_summary, agent.session_id) == (
        Kind.AGENT, Status.COMPLETED, "Fixed.", "agent-1",
    )  # fmt: skip
    assert (agent.duration_ms, agent.tags, agent.external_id) == (60_000, " codingagent ", "vibe-kanban:06")
    assert (running.status, card.status, card.held) == (Status.INTERRUPTED, Status.QUEUED, True)
    (wrong,) = [one for one in histories(tmp_path / "db.sqlite") if isinstance(one, Unreadable)]
    assert wrong == Unreadable("vibe-kanban 08", "unknown status 'dreaming'")


def test_what_a_process_was_to_do_is_kept(tmp_path: Path) -> None:
    found = [one for one in histories(base(tmp_path, NOW)) if isinstance(one, History)]
    specs = [one.created.spec for one in found]
    assert [spec.work.headline() for spec in specs] == ["npm ci", "Fix the login", "Fix login", "Later"]
    assert specs[1].cwd == "/trees/fix"
    assert getattr(specs[1].work, "preset", None) == "claude"
    assert specs[1].metadata == {"branch": "vk/fix"}
    again = [one.task_id for one in histories(tmp_path / "db.sqlite") if isinstance(one, History)]
    assert again == [one.task_id for one in found]


def test_databases_of_before_are_read(tmp_path: Path) -> None:
    (server,) = rows(base(tmp_path, BEFORE))
    assert (server.status, server.title, server.tags) == (Status.CANCELED, "Old", " devserver ")


def test_a_database_that_another_holds_in_a_directory_without_rights_is_read(tmp_path: Path) -> None:
    path = base(tmp_path, BEFORE)
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("UPDATE tasks SET title = 'New'")
    writer.commit()
    assert rows(path)[0].title == "New"
    writer.close()


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"x" * 200])
def test_what_is_no_such_database_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "db.sqlite"
    path.write_bytes(content)
    with pytest.raises(InvalidError):
        list(histories(path))


@settings(max_examples=30)
@given(st.integers(100, 12_000), st.binary(min_size=1, max_size=64))
def test_a_damaged_database_is_read_or_told(
    tmp_path_factory: pytest.TempPathFactory, offset: int, garbage: bytes
) -> None:
    path = base(tmp_path_factory.mktemp("vk"), NOW)
    data = bytearray(path.read_bytes())
    data[offset : offset + len(garbage)] = garbage
    path.write_bytes(data)
    try:
        found = list(histories(path))
    except InvalidError:
        return
    for one in found:
        if isinstance(one, History):
            row_of(at_rest(one))
