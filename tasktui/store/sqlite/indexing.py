"""Keeps the full-text indexes: a little at a time, behind the events."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from tasktui.domain.rows import UnixMs
from tasktui.store.said import INDEXED, text_of
from tasktui.store.sqlite.searching import PLACES

_TYPES: Final = ", ".join(f"'{name}'" for name in INDEXED)
_SCAN: Final = 1000
"""Events looked at in one step, most of which have no text."""
_BYTES: Final = 256 * 1024
"""Text indexed in one step: some tens of milliseconds."""
_STATE: Final = "SELECT said_upto, words_upto, head FROM state"
_SAY: Final = "INSERT INTO said (rowid, text) VALUES (?, ?)"
_UNSAY: Final = "INSERT INTO said (said, rowid, text) VALUES ('delete', ?, ?)"
_WORDS: Final = "title || char(10) || coalesce(prompt, '')"


def index_some(connection: sqlite3.Connection) -> bool:
    """Index the next stretch, in the transaction that is open; return whether more is waiting."""
    said, words, head = connection.execute(_STATE).fetchone()
    if words < head:
        words = _index_words(connection, words, head)
    if said < head:
        said = _index_said(connection, said, head)
    connection.execute("UPDATE state SET said_upto = ?, words_upto = ?", (said, words))
    return bool(said < head or words < head)


def is_behind(connection: sqlite3.Connection) -> bool:
    """Whether something waits to be indexed."""
    said, words, head = connection.execute(_STATE).fetchone()
    return bool(said < head or words < head)


def _index_words(connection: sqlite3.Connection, upto: int, head: int) -> int:
    rows = connection.execute(
        f"SELECT created_seq, {_WORDS} FROM tasks LEFT JOIN bodies ON task = created_seq"
        f" WHERE created_seq > ? ORDER BY created_seq LIMIT {_SCAN}",
        (upto,),
    ).fetchall()
    taken = 0
    for seq, text in rows:
        connection.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (seq, text))
        taken += len(text)
        if taken > _BYTES:
            return int(seq)
    return int(rows[-1][0]) if len(rows) == _SCAN else head


def _index_said(connection: sqlite3.Connection, upto: int, head: int) -> int:
    last = min(upto + _SCAN, head)
    sql = f"SELECT gid, type, data FROM events WHERE gid > ? AND gid <= ? AND type IN ({_TYPES}) ORDER BY gid"
    taken = 0
    for gid, event_type, data in connection.execute(sql, (upto, last)):
        text = text_of(event_type, data)
        if text:
            connection.execute(_SAY, (gid * PLACES, text))
        taken += len(text)
        if taken > _BYTES:
            return int(gid)
    return last


def index_output(connection: sqlite3.Connection, task: int, run: int, ts: UnixMs, text: str) -> None:
    """Put the ends of a run's output into the index."""
    (head, last) = connection.execute(
        "SELECT head, coalesce((SELECT max(place) FROM outputs), 0) FROM state"
    ).fetchone()
    place = max(head * PLACES, last) + 1
    connection.execute("INSERT INTO outputs VALUES (?, ?, ?, ?, ?)", (place, task, run, ts, text))
    connection.execute(_SAY, (place, text))


def reindex_words(connection: sqlite3.Connection, tasks: Sequence[int]) -> None:
    """Look again at the titles and prompts of tasks that were edited."""
    for task in tasks:
        if connection.execute("DELETE FROM words WHERE rowid = ?", (task,)).rowcount:
            connection.execute(
                f"INSERT INTO words (rowid, text) SELECT created_seq, {_WORDS}"
                " FROM tasks LEFT JOIN bodies ON task = created_seq WHERE created_seq = ?",
                (task,),
            )


def forget(connection: sqlite3.Connection, task: int) -> None:
    """Take a task out of the indexes, before its events go."""
    (upto, _, _) = connection.execute(_STATE).fetchone()
    said = connection.execute(
        f"SELECT gid, type, data FROM events WHERE task = ? AND gid <= ? AND type IN ({_TYPES})", (task, upto)
    )
    texts = ((gid * PLACES, text_of(event_type, data)) for gid, event_type, data in said)
    connection.executemany(_UNSAY, [(place, text) for place, text in texts if text])
    outputs = connection.execute("SELECT place, text FROM outputs WHERE task = ?", (task,)).fetchall()
    connection.executemany(_UNSAY, outputs)
    connection.execute("DELETE FROM words WHERE rowid = ?", (task,))
