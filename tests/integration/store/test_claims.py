"""What a claim and an end cost does not grow with what is stored, in SQLite's own steps."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from bench.claims import LANES, Queue
from tasktui.store.sqlite.queue_reads import _MAY_START

FEW, MANY = 100, 10_000


@pytest.fixture(scope="module")
def queues(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Queue, Queue]]:
    """Five lanes with tasks that wait, some of them for others; few of them, and many."""
    made = tuple(Queue(tmp_path_factory.mktemp("claims") / "tasktui.db", number) for number in (FEW, MANY))
    yield made[0], made[1]
    for queue in made:
        queue.close()


def _steps(connections: list[sqlite3.Connection], act: Callable[[], object]) -> int:
    """Count the instructions of SQLite's machine that something takes."""
    count = 0

    def tick() -> int:
        nonlocal count
        count += 1
        return 0

    for connection in connections:
        connection.set_progress_handler(tick, 1)
    act()
    for connection in connections:
        connection.set_progress_handler(None, 1)
    return count


def _turn(queue: Queue, lane: str) -> None:
    row = queue.next(lane)
    assert row is not None
    queue.end(row)


@pytest.mark.feature(31, 37, 101)
def test_a_claim_and_an_end_cost_the_same_however_much_is_stored(queues: tuple[Queue, Queue]) -> None:
    claims: list[list[int]] = []
    for queue in queues:
        connections = [queue.reader._connection, queue._connection]
        claims.append(sorted(_steps(connections, partial(_turn, queue, lane)) for lane in LANES * 2))
    few, many = (found[len(found) // 2] for found in claims)
    assert 100 < many <= 2 * few
    assert max(claims[1]) <= 3 * few, "nor is any single one of them dear"


def test_a_claim_walks_one_index_in_its_order(queues: tuple[Queue, Queue]) -> None:
    plan = (
        queues[1]
        .reader._connection.execute(f"EXPLAIN QUERY PLAN SELECT id FROM {_MAY_START}", ("gpu", 1, 1, 8))
        .fetchall()
    )
    assert [line[3].split(" (")[0] for line in plan] == ["SEARCH t USING INDEX tasks_queue"]
    reader = queues[1].reader
    rows = reader.claimable("gpu", now=10**15, limit=1_000)
    assert len(rows) > 400
    parents = {parent for row in rows for parent in row.depends_on.split()}
    found = [reader.row(parent) for parent in parents]
    assert {row.status for row in found if row is not None} <= {"completed"}
    assert [row.priority for row in rows] == sorted((row.priority for row in rows), reverse=True)
