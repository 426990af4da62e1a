"""What the first frame shows, straight from the file: the manager is opened behind it."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

from tasktui.domain.errors import NotFoundError, StoreError
from tasktui.domain.query import TaskQuery
from tasktui.domain.rows import Counts
from tasktui.domain.status import Group
from tasktui.store.sqlite.connecting import connect_reader
from tasktui.store.sqlite.task_reads import TaskReads
from tasktui.ui.first_page import FirstPage
from tasktui.ui.totals import totals_of
from tasktui.ui.window import section_query


def read_first_page(home: Path, *, lines: int) -> FirstPage:
    """Return the counters and the first rows of each section that has any.

    Nothing where there is no database yet.

    Args:
        home: the data directory.
        lines: of the terminal; more rows of a section are never seen.
    """
    try:
        with closing(connect_reader(home / "tasktui.db")) as connection:
            reader = TaskReads(connection)  # not the whole `Reader`: what belongs to a task is not shown yet
            query = TaskQuery(now=time.time_ns() // 1_000_000)
            counts = reader.counts()
            totals = totals_of(counts)
            filled = (group for group in Group if totals[group])
            pages = tuple((group, reader.page(section_query(query, group), limit=lines)) for group in filled)
            return FirstPage(counts, pages)
    except (NotFoundError, StoreError):
        return FirstPage(Counts(()), ())
