"""B6: the first page of any listing among a million tasks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from statistics import median

from bench.databases import home_with
from bench.rows import Row
from tasktui.domain.query import TaskQuery, Term
from tasktui.domain.status import Group
from tasktui.store.sqlite.reader import Reader

RUNS = 50
QUERIES: Mapping[str, TaskQuery] = {
    "no filter": TaskQuery(),
    "a group": TaskQuery(group=Group.FINISHED),
    "by status": TaskQuery((Term("status", "is", ("failed",)),)),
    "by lane": TaskQuery((Term("lane", "is", ("builds",)),)),
    "by status and lane": TaskQuery((Term("status", "is", ("failed",)), Term("lane", "is", ("tests",)))),
    "by text": TaskQuery((Term("word", "contains", ("deploy",)),)),
    "by text that is nowhere": TaskQuery((Term("word", "contains", ("xyzzy",)),)),
    "by duration": TaskQuery(sort="duration"),
}


def measure() -> Iterator[Row]:
    """Yield each listing's first page, and the counts, beside those of a thousand tasks."""
    with (
        Reader.open(home_with(1_000_000) / "tasktui.db") as many,
        Reader.open(home_with(1_000) / "tasktui.db") as few,
    ):
        for what, query in QUERIES.items():
            yield _row(
                f"first page {what}",
                partial(few.page, query),
                partial(many.page, query),
            )
        yield _row("counts", few.counts, many.counts)


def _row(what: str, few: Callable[[], object], many: Callable[[], object]) -> Row:
    figures: tuple[list[float], list[float]] = ([], [])
    for _ in range(RUNS):
        for read, kept in zip((few, many), figures, strict=True):
            began = time.perf_counter()
            read()
            kept.append((time.perf_counter() - began) * 1000)
    small, large = map(median, figures)
    return Row("B6", f"{what}, 1,000,000 tasks", large, "ms", 2, "low", small, "1,000 tasks", RUNS)
