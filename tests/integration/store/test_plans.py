"""Pages, filters and counters cost the same over 100,000 tasks as over 1,000, in SQLite's own steps."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tasktui.domain.filter import parse_filter
from tasktui.domain.query import TaskQuery
from tasktui.domain.rows import TASK_COLUMNS
from tasktui.domain.selection import cursor_of
from tasktui.domain.status import Group
from tasktui.store.sqlite.connecting import connect_writer
from tasktui.store.sqlite.indexing import index_some
from tasktui.store.sqlite.listing import page_sql
from tasktui.store.sqlite.migrations import migrate
from tasktui.store.sqlite.reader import Reader

pytestmark = pytest.mark.xdist_group("plans")
"""One worker fills the database, for all of them."""

SMALL, LARGE = 1_000, 100_000
_GIVEN = {
    "id": "'task_' || n",
    "created_seq": "n",
    "kind": "'shell'",
    "title": "CASE n % 500 WHEN 7 THEN 'rare needle ' ELSE 'common work ' END || n",
    "lane": "CASE n % 100 WHEN 3 THEN 'gpu' ELSE 'default' END",
    "status": "CASE WHEN n % 50 = 1 THEN 'failed' WHEN n % 400 = 2 THEN 'queued' ELSE 'completed' END",
    "created_at": "n * 1000",
    "updated_at": "n * 1000",
    "status_since": "n",
    "attention": "'none'",
    "finished_at": "n * 1000",
    "cost_usd": "0.0",
    "on_restart": "'reattach'",
    "client_id": "CASE WHEN n % 2 THEN 'c' || (n % 500) END",
    "request_id": "'r' || n",
    "session_id": "'s' || (n % 500)",
    "conversation_id": "'v' || (n % 500)",
}
_TEXT = {"status_source", "status_evidence", "tags", "depends_on"}


def _fill(connection: sqlite3.Connection, number: int) -> None:
    needed = {row[1] for row in connection.execute("PRAGMA table_info(tasks)") if row[3]}
    blank = {name: "''" if name in _TEXT else "0" for name in needed}
    values = ", ".join(_GIVEN.get(name) or blank.get(name, "NULL") for name in TASK_COLUMNS)
    connection.execute("BEGIN")
    connection.execute(
        f"WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {number})"
        f" INSERT INTO tasks ({', '.join(TASK_COLUMNS)}) SELECT {values} FROM number"
    )
    connection.execute(
        "INSERT INTO counters SELECT lane, status, 0, 0, 0, count(*) FROM tasks GROUP BY lane, status"
    )
    connection.execute("UPDATE state SET head = ?", (number,))
    connection.execute("COMMIT")
    while index_some(connection):
        pass


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Reader, Reader]]:
    """One of 1,000 tasks and one of 100,000."""
    readers = []
    for number in (SMALL, LARGE):
        path: Path = tmp_path_factory.mktemp("plans") / "tasktui.db"
        connection = connect_writer(path)
        connection.execute("PRAGMA synchronous = OFF")
        migrate(connection)
        _fill(connection, number)
        connection.close()
        readers.append(Reader.open(path))
    yield readers[0], readers[1]
    for reader in readers:
        reader.close()


def _steps(reader: Reader, read: Callable[[Reader], Any]) -> int:
    """Count the instructions of SQLite's machine that a read takes, in tens."""
    count = 0

    def tick() -> int:
        nonlocal count
        count += 1
        return 0

    reader._connection.set_progress_handler(tick, 10)
    read(reader)
    reader._connection.set_progress_handler(None, 10)
    return count


FILTERS = [
    "", "status:failed", "status:queued", "status:finished", "!status:completed",
    "lane:gpu", "lane:gpu,default", "lane:gpu status:completed",
    "needle", '"common work"', "needle status:failed,completed", "id:task_77", "needs:you", "kind:shell",
    "key:k status:queued,running",
]  # fmt: skip


@pytest.mark.parametrize("text", FILTERS)
@pytest.mark.feature(11)
def test_a_page_costs_the_same_however_many_tasks_there_are(
    databases: tuple[Reader, Reader], text: str
) -> None:
    query = TaskQuery(parse_filter(text, now=0))
    if text == "id:task_77":
        query = TaskQuery(parse_filter("id:task_9", now=0))
    small, large = (_steps(reader, lambda reader: reader.page(query, limit=1)) for reader in databases)
    assert large <= max(2 * small, small + 100)
    first = databases[1].page(query, limit=1)
    if not first.more:
        return
    after = cursor_of(first.items[-1], query)
    assert _steps(databases[1], lambda reader: reader.page(query, after=after, limit=1)) <= 2 * large + 100


@pytest.mark.parametrize("group", list(Group))
def test_a_section_costs_the_same(databases: tuple[Reader, Reader], group: Group) -> None:
    small, large = (
        _steps(reader, lambda reader: reader.page(TaskQuery(group=group), limit=1)) for reader in databases
    )
    assert large <= max(2 * small, small + 100)


@pytest.mark.parametrize("sort", ["updated", "finished", "duration", "priority", "title"])
def test_every_order_has_its_index(databases: tuple[Reader, Reader], sort: Any) -> None:
    query = TaskQuery(sort=sort)
    small, large = (_steps(reader, lambda reader: reader.page(query, limit=1)) for reader in databases)
    assert large <= 2 * small
    after = cursor_of(databases[1].page(query, limit=1).items[-1], query)
    assert _steps(databases[1], lambda reader: reader.page(query, after=after, limit=1)) <= 2 * large + 100


def test_counts_cost_the_same(databases: tuple[Reader, Reader]) -> None:
    for read in (
        lambda reader: reader.counts(),
        lambda reader: reader.lane_counts(),
        lambda reader: reader.count(TaskQuery(parse_filter("status:failed lane:gpu", now=0))),
        lambda reader: reader.count(TaskQuery(group=Group.FINISHED)),
        lambda reader: reader.claimable("gpu", now=0, limit=5),
        lambda reader: reader.next_due(0),
        lambda reader: reader.live_tasks(),
        lambda reader: reader.expired(finished_before=50_000, keep=10**9, limit=10),
    ):
        small, large = (_steps(reader, read) for reader in databases)
        assert large <= 2 * small + 10
    assert databases[1].count(TaskQuery(group=Group.FINISHED)) == LARGE - LARGE // 400


@pytest.mark.parametrize("text", [text for text in FILTERS if not text.startswith("id:")])
def test_no_plan_walks_the_whole_table(databases: tuple[Reader, Reader], text: str) -> None:
    statement = page_sql(TaskQuery(parse_filter(text, now=0)), start=None, forward=True, skip=0, limit=64)
    assert statement is not None
    plan = (
        databases[1]._connection.execute(f"EXPLAIN QUERY PLAN {statement.sql}", statement.values).fetchall()
    )
    # a SCAN without an index walks over all rows; one along an index in the page's order ends at the limit
    scans = [
        line[3] for line in plan if line[3].startswith(("SCAN t", "SCAN tasks")) and "INDEX" not in line[3]
    ]
    assert scans == []
