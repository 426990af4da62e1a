"""Databases of many tasks or events, as the store would have left them, made in seconds, not minutes."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from tasktui.domain.rows import TASK_COLUMNS
from tasktui.store.sqlite.connecting import connect_writer
from tasktui.store.sqlite.indexing import index_some
from tasktui.store.sqlite.migrations import migrate

_GIVEN: Final = {
    "id": "printf('task_%016x', n)",
    "created_seq": "n",
    "kind": "CASE n % 3 WHEN 0 THEN 'agent' ELSE 'shell' END",
    "title": "CASE n % 499 WHEN 7 THEN 'rare needle ' ELSE 'ordinary work ' END || n",
    "lane": "CASE n % 100 WHEN 3 THEN 'gpu' ELSE 'default' END",
    "status": "CASE WHEN n % 50 = 1 THEN 'failed' ELSE 'completed' END",
    "created_at": "1700000000000 + n * 1000",
    "updated_at": "1700000000000 + n * 1000",
    "status_since": "1700000000000 + n * 1000",
    "attention": "'none'",
    "finished_at": "1700000000000 + n * 1000",
    "duration_ms": "n % 1000",
    "cost_usd": "0.0",
    "on_restart": "'reattach'",
    "last_seq": "1",
}
_TEXT: Final = {"status_source", "status_evidence", "tags", "depends_on"}
_NUMBERS: Final = "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)"


def database(path: Path) -> sqlite3.Connection:
    """Return a new, empty database; the files need not outlive the measurement."""
    connection = connect_writer(path)
    connection.execute("PRAGMA synchronous = OFF")
    migrate(connection)
    return connection


def fill_tasks(connection: sqlite3.Connection, number: int) -> None:
    """Put in this many finished tasks with their counters and their words in the index."""
    needed = {row[1] for row in connection.execute("PRAGMA table_info(tasks)") if row[3]}
    blank = {name: "''" if name in _TEXT else "0" for name in needed}
    values = ", ".join(_GIVEN.get(name) or blank.get(name, "NULL") for name in TASK_COLUMNS)
    connection.execute("BEGIN")
    connection.execute(
        f"{_NUMBERS} INSERT INTO tasks ({', '.join(TASK_COLUMNS)}) SELECT {values} FROM number", (number,)
    )
    connection.execute(
        "INSERT INTO counters SELECT lane, status, 0, 0, 0, count(*) FROM tasks GROUP BY lane, status"
    )
    connection.execute("INSERT INTO words (rowid, text) SELECT created_seq, title FROM tasks")
    connection.execute("UPDATE state SET head = ?, words_upto = ?, said_upto = ?", (number, number, number))
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def fill_events(connection: sqlite3.Connection, number: int, *, rare_every: int) -> None:
    """Put this many messages of the first task into the log, after its tasks, and index them."""
    (head,) = connection.execute("SELECT head FROM state").fetchone()
    connection.execute("BEGIN")
    connection.execute(
        f"{_NUMBERS} INSERT INTO events SELECT ? + n, 1, n, 1, 1700000000000 + n,"
        " 'message.completed', 'agent', CAST(json_object('message_id', 'm' || n, 'role', 'agent',"
        " 'content', iif(n % ? = 1, 'xylophone', 'read file') || ' parser.py line ' || n || ' ok') AS BLOB)"
        " FROM number",
        (number, head, rare_every),
    )
    connection.execute("UPDATE state SET head = head + ?", (number,))
    connection.execute("COMMIT")
    while _indexed_more(connection):
        pass
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _indexed_more(connection: sqlite3.Connection) -> bool:
    connection.execute("BEGIN")
    more = index_some(connection)
    connection.execute("COMMIT")
    return more
