"""B6: the first page of a list by status, lane or text, over 1,000,000 tasks and over 1,000."""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path

from bench.filled import database, fill_tasks
from bench.rows import Row
from bench.timing import median_ms
from tasktui.domain.filter import parse_filter
from tasktui.domain.query import TaskQuery
from tasktui.domain.status import Group
from tasktui.store.sqlite.reader import Reader

SMALL = 1_000
LARGE = 1_000_000
LIMIT = 10
"""Every filter has so many rows among 1,000 tasks, but for the rare word, of which there are two."""
FILTERS = {
    "all": TaskQuery(),
    "failed": TaskQuery(parse_filter("status:failed", now=0)),
    "finished": TaskQuery(group=Group.FINISHED),
    "lane": TaskQuery(parse_filter("lane:gpu", now=0)),
    "lane and status": TaskQuery(parse_filter("lane:gpu status:completed", now=0)),
    "common words": TaskQuery(parse_filter('"ordinary work"', now=0)),
    "rare word": TaskQuery(parse_filter("needle", now=0)),
}


def _page_ms(reader: Reader) -> dict[str, float]:
    limits = {"rare word": 2}
    times = {
        name: median_ms(partial(reader.page, query, limit=limits.get(name, LIMIT) - 1))
        for name, query in FILTERS.items()
    }
    return times | {"counts": median_ms(reader.counts)}


def _measured(number: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tasktui.db")
        connection = database(path)
        fill_tasks(connection, number)
        connection.close()
        with Reader.open(path) as reader:
            return _page_ms(reader)


def measure(large: int = LARGE) -> tuple[Row]:
    """Return the page whose time grows most with the number of tasks."""
    few, many = _measured(SMALL), _measured(large)
    worst = max(FILTERS, key=lambda name: many[name] / few[name])
    note = ", ".join(f"{name} {few[name]:.2f}→{many[name]:.2f}" for name in few)
    row = Row(
        "B6",
        f"first page, slowest growing filter: {worst}",
        many[worst],
        "ms",
        goal=2,
        reference=few[worst],
        against=f"{SMALL:,} tasks",
        note=f"{large:,} tasks; ms: {note}",
    )
    return (row,)


if __name__ == "__main__":
    print(*measure(int(sys.argv[1]) if len(sys.argv) > 1 else LARGE))
