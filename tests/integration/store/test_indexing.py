"""The full-text indexes come behind the events; what they have not reached is found all the same."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tasktui.domain.events import lifecycle, work
from tasktui.domain.filter import parse_filter
from tasktui.domain.query import TaskQuery
from tasktui.store.sqlite import indexing
from tasktui.store.sqlite.store import SQLiteStore
from tests.contract.facts import created, ended, put, running

DEADLINE_S = 40.0


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    made = SQLiteStore(tmp_path / "tasktui.db")
    await made.open()
    yield made
    await made.close()


def _reached(path: Path) -> tuple[int, int, int]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT said_upto, words_upto, head FROM state").fetchone()
    finally:
        connection.close()


async def _indexed(store: SQLiteStore) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while len(set(_reached(store.path))) > 1:
            await asyncio.sleep(0.02)


async def _found(store: SQLiteStore, text: str) -> tuple[list[tuple[str, int | None]], list[str]]:
    hits = [(hit.task_id, hit.seq) for hit in (await store.search(text)).items]
    rows = (await store.page(TaskQuery(parse_filter(f'"{text}"', now=0)))).items
    return hits, [row.id for row in rows]


async def test_the_same_is_found_before_and_after_the_index_has_caught_up(store: SQLiteStore) -> None:
    await running(store, "a", prompt="sharpen the NEEDLE")
    for number in range(5):
        await put(store, "a", work.MessageCompleted(content=f'a "needle" \\ {number}\nÜBER'), run=1)
    await running(store, "b", prompt="needle too")
    before = await _found(store, "needle")
    awkward = await _found(store, '"needle" \\ 3\nüber')
    assert len(before[0]) == 7
    assert before[1] == ["b", "a"]
    assert awkward[0] == [("a", 6)]
    await _indexed(store)
    assert await _found(store, "needle") == before
    assert await _found(store, '"needle" \\ 3\nüber') == awkward
    await put(store, "a", work.MessageCompleted(content="one more needle"), run=1)
    hits, _ = await _found(store, "needle")
    assert hits == [("a", 8), *before[0]]


async def test_an_edit_is_found_by_its_new_words_only(store: SQLiteStore) -> None:
    await put(store, "a", created("first thought"))
    await _indexed(store)
    await put(store, "a", lifecycle.TaskEdited(title="second opinion", spec=created("sharper words").spec))
    await _indexed(store)
    assert (await _found(store, "opinion"))[1] == ["a"]
    assert (await _found(store, "sharper"))[1] == ["a"]
    assert (await _found(store, "thought"))[1] == []


async def test_a_deleted_task_leaves_nothing_in_the_index(store: SQLiteStore) -> None:
    await ended(store, "a", prompt="hidden needle")
    await store.index_output("a", 1, "output of the needle")
    await _indexed(store)
    await store.delete(["a"], epoch=0)
    connection = sqlite3.connect(store.path)
    try:
        for table in ("said", "words"):
            (number,) = connection.execute(
                f"SELECT count(*) FROM {table} WHERE {table} MATCH '\"needle\"'"
            ).fetchone()
            assert number == 0
            connection.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
    finally:
        connection.close()


async def test_long_texts_are_indexed_in_several_steps(
    store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "_BYTES", 1000)
    monkeypatch.setattr(indexing, "_SCAN", 7)
    for number in range(20):
        await running(store, f"t{number}", prompt=f"needle {number} " + "x" * 300)
    await _indexed(store)
    hits, rows = await _found(store, "needle")
    assert len(hits) == len(rows) == 20
