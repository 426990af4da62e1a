"""B13: full-text search for a rare word over 1,000,000 events, against LIKE over the same rows."""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from pathlib import Path

from bench.filled import database, fill_events, fill_tasks
from bench.rows import Row
from bench.timing import median_ms
from tasktui.store.sqlite.reader import Reader

EVENTS = 1_000_000
RARE = 20
"""So many events hold the word."""
_LIKE = (
    "SELECT gid FROM events WHERE type = 'message.completed' AND CAST(data AS TEXT) LIKE '%xylophone%'"
    " ORDER BY gid DESC LIMIT 50"
)


def measure(events: int = EVENTS) -> tuple[Row]:
    """Return how long the newest 50 places take to find."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tasktui.db")
        connection = database(path)
        fill_tasks(connection, 10)
        fill_events(connection, events, rare_every=events // RARE)
        connection.close()
        with Reader.open(path) as reader:
            assert len(reader.search("xylophone").items) == RARE
            ours = median_ms(lambda: reader.search("xylophone"))
        plain = sqlite3.connect(path)
        like = median_ms(lambda: plain.execute(_LIKE).fetchall(), runs=5)
        plain.close()
    row = Row(
        "B13",
        f"rare word in {events:,} events, newest 50",
        ours,
        "ms",
        goal=0.01,
        reference=like,
        against="LIKE over the same rows",
        note=f"{RARE} hits",
    )
    return (row,)


if __name__ == "__main__":
    print(*measure(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS))
