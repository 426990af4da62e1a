"""The SQLite database of vibe-kanban: each process that it ran is a task here, each card to do a held one.

`execution_processes` has the runs; `sessions`, `workspaces` and `tasks` say where and what for, and
`coding_agent_turns` has prompt and summary. Before December 2025 they hung on `task_attempts` and
`executor_sessions`. Every table and column is read only where it is there. Facts from the published
migrations of github.com/BloopAI/vibe-kanban (`crates/db/migrations`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from tasktui.compat.chronicle import Chronicle, Unreadable, task_id_of
from tasktui.domain.errors import InvalidError, TasktuiError
from tasktui.domain.events.lifecycle import TaskLinked
from tasktui.domain.history import History
from tasktui.domain.rows import UnixMs
from tasktui.domain.spec import AgentWork, ShellWork, TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.domain.wire import time_value

ORIGIN: Final = "vibe-kanban"
MAGIC: Final = b"SQLite format 3\0"
_RUNS: Final = "execution_processes"
_AGENT: Final = "codingagent"
_NAME_CHARS: Final = 512
_PRESETS: Final = {
    "CLAUDE_CODE": "claude", "GEMINI": "gemini", "CODEX": "codex", "OPENCODE": "opencode",
    "QWEN_CODE": "qwen",
}  # fmt: skip
"""Agents that have a preset here, so that a retry finds them; the others keep their names."""

Row = Mapping[str, Any]


def histories(path: Path) -> Iterator[History | Unreadable]:
    """Yield the tasks of a database, the oldest first.

    Raises:
        InvalidError: it is not one of vibe-kanban.
    """
    try:
        with closing(_open(path)) as connection:
            base = _Base(connection)
            if _RUNS not in base.tables:
                raise InvalidError(f"This is no database of vibe-kanban: {path}")
            yield from _each(base.rows(_RUNS), lambda row: _run(base, row))
            yield from _each(base.to_do(), _card)
    except (sqlite3.Error, UnicodeDecodeError) as exc:
        # a damaged one may even have an error whose text is no text
        raise InvalidError(f"This database cannot be read: {path}: {exc}") from exc


def _open(path: Path) -> sqlite3.Connection:
    """Open for reading; without a lock where its directory takes no new file."""
    address = path.absolute().as_uri()
    connection = sqlite3.connect(f"{address}?mode=ro", uri=True)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except (sqlite3.Error, UnicodeDecodeError):
        connection.close()
        connection = sqlite3.connect(f"{address}?mode=ro&immutable=1", uri=True)
    connection.row_factory = sqlite3.Row
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    return connection


class _Base:
    """Reads whatever tables are there."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        self.tables = {str(row[0]) for row in names}

    def rows(self, table: str) -> Iterator[Row]:
        """Yield the rows of a table, the oldest first."""
        for row in self._connection.execute(f"SELECT * FROM {table} ORDER BY julianday(created_at), rowid"):  # noqa: S608  # our names
            yield dict(row)

    def one(self, table: str, column: str, value: object) -> Row:
        """Return a row by a column; an empty one where there is none, or no such table."""
        if value is None or table not in self.tables:
            return {}
        sql = f"SELECT * FROM {table} WHERE {column} = ? LIMIT 1"  # noqa: S608  # names that stand in this file
        found = self._connection.execute(sql, (value,))
        row = found.fetchone()
        return dict(row) if row is not None else {}

    def to_do(self) -> Iterator[Row]:
        """Yield the cards that nobody has begun."""
        return (
            (row for row in self.rows("tasks") if row.get("status") == "todo")
            if "tasks" in self.tables
            else iter(())
        )


def _each(rows: Iterator[Row], tell: Any) -> Iterator[History | Unreadable]:
    for row in rows:
        try:
            yield tell(row)
        except (TasktuiError, ValidationError, ValueError, TypeError, KeyError, AttributeError) as exc:
            why = exc.message if isinstance(exc, TasktuiError) else f"{type(exc).__name__}: {exc}"
            yield Unreadable(f"vibe-kanban {_hex(row.get('id'))}", why)


def _run(base: _Base, row: Row) -> History:
    session = base.one("sessions", "id", row.get("session_id"))
    place = base.one("workspaces", "id", session.get("workspace_id")) or base.one(
        "task_attempts", "id", row.get("task_attempt_id")
    )
    card = base.one("tasks", "id", place.get("task_id"))
    turn = base.one("coding_agent_turns", "execution_process_id", row["id"]) or base.one(
        "executor_sessions", "execution_process_id", row["id"]
    )
    told = Chronicle(
        task_id_of(ORIGIN, _hex(row["id"])), _time(row["created_at"]),
        _spec(row, turn, {**card, **place, **session}, card), origin=ORIGIN,
    )  # fmt: skip
    told.link(f"{ORIGIN}:{_hex(row['id'])}")
    told.start(_time(row.get("started_at") or row["created_at"]), ORIGIN)
    if agent_session := turn.get("agent_session_id") or turn.get("session_id"):
        told.tell(TaskLinked(session_id=str(agent_session)))
    _end(told, row, turn)
    return told.history()


def _end(told: Chronicle, row: Row, turn: Row) -> None:
    status, code = row["status"], row.get("exit_code")
    at = _time(row["completed_at"]) if row.get("completed_at") else None
    said = turn.get("summary")
    if status == "completed":
        told.finish(Status.COMPLETED, at, result=said, exit_code=code)
    elif status == "killed":
        told.finish(Status.CANCELED, at, result=said, exit_code=code)
    elif status == "failed":
        reason = Reason.EXIT_NONZERO if code else Reason.ERROR
        error = f"Exit code {code}" if code is not None else "vibe-kanban says failed"
        told.finish(Status.FAILED, at, reason=reason, result=said, error=error, exit_code=code)
    elif status != "running":
        raise InvalidError(f"unknown status {status!r}")


def _spec(row: Row, turn: Row, place: Row, card: Row) -> TaskSpec:
    action = _action(row.get("executor_action"))
    why = str(row.get("run_reason") or row.get("process_type") or "")
    directory = str(place.get("container_ref") or place.get("worktree_path") or "")
    title = card.get("title") or place.get("name")
    work: AgentWork | ShellWork
    if why == _AGENT:
        prompt = turn.get("prompt") or action.get("prompt") or title or "(no prompt)"
        agent = _word(place.get("executor") or "agent")
        work = AgentWork(preset=_PRESETS.get(agent, agent.lower()), prompt=str(prompt))
    else:
        work = ShellWork(command=str(action.get("script") or row.get("command") or why))
    return TaskSpec(
        work=work, name=str(title)[:_NAME_CHARS] if title else None, lane=ORIGIN,
        cwd=directory if directory.startswith("/") else None, tags=tuple(filter(None, (_word(why),))),
        metadata={"branch": str(place["branch"])} if place.get("branch") else {},
    )  # fmt: skip


def _card(row: Row) -> History:
    title, more = str(row["title"]), row.get("description")
    prompt = f"{title}\n\n{more}" if more else title
    spec = TaskSpec(work=AgentWork(preset="agent", prompt=prompt), name=title[:_NAME_CHARS], lane=ORIGIN)
    told = Chronicle(
        task_id_of(ORIGIN, "card", _hex(row["id"])), _time(row["created_at"]), spec, origin=ORIGIN
    )
    told.link(f"{ORIGIN}:{_hex(row['id'])}")
    return told.history()


def _action(text: object) -> Row:
    """Return what a process was to do: `{"typ": {"type", "prompt" or "script", …}}`."""
    try:
        made = json.loads(str(text or "{}"))
    except (ValueError, RecursionError):
        return {}
    kind = made.get("typ") if isinstance(made, dict) else None
    return kind if isinstance(kind, dict) else {}


def _hex(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _word(value: object) -> str:
    return "_".join(str(value).split())[:128]


def _time(value: object) -> UnixMs:
    return time_value(str(value))
