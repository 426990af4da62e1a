"""Opening is cheap: what did not change is not written again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tasktui.manager.scripted import Gate, Step
from tasktui.store.sqlite.store import SQLiteStore
from tests.unit.manager.local_manager import opened

SCRIPTS: dict[str, list[Step]] = {"quick": [], "gated": [Gate("go")]}


def _tables(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in ("tasks", "bodies", "events", "counters")
        }


@pytest.mark.feature(106)
async def test_a_new_owner_writes_only_that_it_is_there(tmp_path: Path) -> None:
    path = tmp_path / "tasktui.db"
    async with opened(tmp_path, SCRIPTS, store=SQLiteStore(path)) as place:
        for number in range(20):
            task_id = await place.submit("quick", held=number % 4 == 0)
            if number % 4:
                await place.manager.wait(task_id)
        await place.manager.close()
        before = _tables(path)
        files = {file: file.stat().st_mtime_ns for file in (tmp_path / "tasks").rglob("*")}
        place.store = SQLiteStore(path)
        await place.open()
        await place.manager._core.scheduler.idle()
        await place.manager.close()
        after = _tables(path)
        assert {name: after[name] for name in ("tasks", "bodies", "counters")} == {
            name: before[name] for name in ("tasks", "bodies", "counters")
        }
        assert after["events"][: len(before["events"])] == before["events"]
        assert len(after["events"]) - len(before["events"]) <= 1, "owner.started"
        assert files == {file: file.stat().st_mtime_ns for file in (tmp_path / "tasks").rglob("*")}
        place.store = SQLiteStore(path)
        await place.open()
