"""Full-text search: the trigram index, and what it has not reached yet by reading. Standard library only."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from heapq import merge
from itertools import islice
from typing import Final

from tasktui.domain.rows import Page, SearchHit
from tasktui.domain.selection import holds
from tasktui.store.said import INDEXED, excerpt, text_of
from tasktui.store.sqlite.listing import like, phrase

PLACES: Final = 1024
"""Places of the index to each event: its own, and those of outputs after it."""
_TYPES: Final = ", ".join(f"'{name}'" for name in INDEXED)
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-.,:;()=")
"""Characters that JSON never writes as escapes."""
_TRIGRAM: Final = 3
_EVENT: Final = "SELECT e.gid, t.id, t.title, e.type, e.data, e.seq, e.ts FROM"
_OUTPUT: Final = "SELECT o.place, t.id, t.title, o.text, o.ts FROM"
_EVENTS_BELOW: Final = (
    f"{_EVENT} events e CROSS JOIN tasks t ON t.created_seq = e.task"
    f" WHERE e.gid > ? AND e.gid < ? AND e.type IN ({_TYPES}) AND CAST(e.data AS TEXT) LIKE ? ESCAPE '\\'"
    " ORDER BY e.gid DESC"
)
_OUTPUTS_BELOW: Final = (
    f"{_OUTPUT} outputs o CROSS JOIN tasks t ON t.created_seq = o.task"
    " WHERE o.place < ? AND o.text LIKE ? ESCAPE '\\' ORDER BY o.place DESC"
)
_INDEXED: Final = "SELECT rowid FROM said WHERE said MATCH ? AND rowid < ? ORDER BY rowid DESC"
_ONE_EVENT: Final = f"{_EVENT} events e CROSS JOIN tasks t ON t.created_seq = e.task WHERE e.gid = ?"
_ONE_OUTPUT: Final = f"{_OUTPUT} outputs o CROSS JOIN tasks t ON t.created_seq = o.task WHERE o.place = ?"
_END: Final = 1 << 62


def find(connection: sqlite3.Connection, text: str, *, before: int | None, limit: int) -> Page[SearchHit]:
    """Return places where the text stands, newest first."""
    text = text.replace("\0", "")
    if not text:
        return Page((), more=False)
    below = _END if before is None else before
    streams = [_unindexed(connection, text, below), _short_outputs(connection, text, below)]
    if len(text) >= _TRIGRAM:
        (upto,) = connection.execute("SELECT said_upto FROM state").fetchone()
        streams = [_unindexed(connection, text, below, upto), _indexed(connection, text, below)]
    hits = tuple(islice(merge(*streams, key=lambda hit: -hit.place), limit + 1))
    return Page(hits[:limit], len(hits) > limit)


def tasks_saying(connection: sqlite3.Connection, text: str, *, limit: int) -> list[int]:
    """Return the `created_seq` of tasks that said it, from the newest `limit` places."""
    hits = find(connection, text, before=None, limit=limit).items
    ids = json.dumps(sorted({hit.task_id for hit in hits}))
    rows = connection.execute(
        "SELECT t.created_seq FROM json_each(?) j CROSS JOIN tasks t ON t.id = j.value", (ids,)
    )
    return [row[0] for row in rows]


def _unindexed(connection: sqlite3.Connection, text: str, below: int, upto: int = 0) -> Iterable[SearchHit]:
    pattern = like(text) if _PLAIN.issuperset(text) else "%"
    last = -(-below // PLACES)
    for row in connection.execute(_EVENTS_BELOW, (upto, last, pattern)):
        hit = _event_hit(row, text)
        if hit is not None:
            yield hit


def _short_outputs(connection: sqlite3.Connection, text: str, below: int) -> Iterable[SearchHit]:
    for row in connection.execute(_OUTPUTS_BELOW, (below, like(text))):
        yield _output_hit(row, text)


def _indexed(connection: sqlite3.Connection, text: str, below: int) -> Iterable[SearchHit]:
    for (place,) in connection.execute(_INDEXED, (phrase(text), below)):
        if place % PLACES:
            for row in connection.execute(_ONE_OUTPUT, (place,)):
                yield _output_hit(row, text)
        else:
            for row in connection.execute(_ONE_EVENT, (place // PLACES,)):
                yield _hit(row, text_of(row[3], row[4]), text)


def _event_hit(row: tuple[int, str, str, str, bytes, int, int], text: str) -> SearchHit | None:
    said = text_of(row[3], row[4])
    return _hit(row, said, text) if holds(said, text) else None


def _hit(row: tuple[int, str, str, str, bytes, int, int], said: str, text: str) -> SearchHit:
    gid, task_id, title, event_type, _, seq, ts = row
    return SearchHit(task_id, title, INDEXED[event_type], excerpt(said, text), seq, ts, gid * PLACES)


def _output_hit(row: tuple[int, str, str, str, int], text: str) -> SearchHit:
    place, task_id, title, output, ts = row
    return SearchHit(task_id, title, "output", excerpt(output, text), None, ts, place)
