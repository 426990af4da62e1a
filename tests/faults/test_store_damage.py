"""A damaged database is moved aside and made again of the task directories; a newer one is only read."""

from __future__ import annotations

import json
import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tasktui.domain.errors import SchemaTooNewError, StoreError
from tasktui.domain.events import lifecycle
from tasktui.domain.query import EVERYTHING
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import Reason, Status
from tasktui.store.sqlite.reader import Reader
from tasktui.store.sqlite.store import SQLiteStore
from tests.contract.facts import T0, created, ended, put, refused


def _task_directory(home: Path, task_id: str, **files: Any) -> None:
    directory = home / "tasks" / task_id
    directory.mkdir(parents=True)
    spec = TaskSpec(work=ShellWork(command="make"), lane="gpu")
    record = {"v": 1, "id": task_id, "created_at": T0, "title": "make", "spec": spec.model_dump(mode="json")}
    (directory / "spec.json").write_text(json.dumps(record | {"retry_of": None}))
    for name, content in files.items():
        (directory / f"{name}.json").write_text(json.dumps(content))


def _task_directories(home: Path) -> None:
    _task_directory(home, "good", status=_status(code=0))
    _task_directory(home, "bad", status=_status(code=3))
    _task_directory(home, "killed", status=_status(code=-9, stopped="term"))
    _task_directory(home, "late", status=_status(code=-9, stopped="wall"))
    _task_directory(home, "never", status=_status(failure={"kind": "exec", "errno": 2, "text": "x"}))
    _task_directory(home, "busy", run={"id": "busy", "run": 1, "shim": 5, "mark": "m"})
    _task_directory(home, "new")
    (home / "tasks" / "new" / "status.json").write_bytes(b"")
    (home / "tasks" / "junk").mkdir()
    (home / "tasks" / "junk" / "spec.json").write_text('{"id": "junk", "created_at": 1, "spec": {}}')


def _status(**fields: Any) -> dict[str, Any]:
    common = {"v": 1, "run": 2, "signal": None, "failure": None, "stopped": None, "code": None}
    return common | {"started_ms": T0 + 1, "ended_ms": T0 + 9, "duration_ms": 8} | fields


async def _filled(path: Path) -> None:
    store = SQLiteStore(path)
    await store.open()
    for number in range(30):
        await ended(store, f"t{number}")
    await store.close()


def _overwrite_header(data: bytearray, dice: random.Random) -> None:
    data[:100] = dice.randbytes(100)


def _overwrite_pages(data: bytearray, dice: random.Random) -> None:
    for page in range(2, len(data) // 4096, 2):
        data[page * 4096 : page * 4096 + 4096] = dice.randbytes(4096)


def _replace(data: bytearray, dice: random.Random) -> None:
    data[:] = b"this is no database\n" * 1000


def _halve(data: bytearray, dice: random.Random) -> None:
    del data[len(data) // 2 :]


@pytest.mark.parametrize("mutate", [_overwrite_header, _overwrite_pages, _replace, _halve])
@pytest.mark.feature(97, 100)
async def test_a_damaged_file_is_moved_aside_and_rebuilt(tmp_path: Path, mutate: Any) -> None:
    path = tmp_path / "tasktui.db"
    await _filled(path)
    data = bytearray(path.read_bytes())
    mutate(data, random.Random(1))
    path.write_bytes(data)
    _task_directories(tmp_path)
    store = SQLiteStore(path)
    await store.open()
    try:
        repair = store.repaired
        assert repair is not None
        assert (repair.rebuilt, repair.unreadable) == (7, ("junk",))
        assert repair.moved_to.read_bytes() == data
        rows = {row.id: row for row in (await store.page(EVERYTHING)).items}
        assert {task_id: (row.status, row.terminal_reason) for task_id, row in rows.items()} == {
            "good": (Status.COMPLETED, Reason.COMPLETED),
            "bad": (Status.FAILED, Reason.EXIT_NONZERO),
            "killed": (Status.CANCELED, Reason.CANCELED),
            "late": (Status.TIMED_OUT, Reason.WALL_TIMEOUT),
            "never": (Status.FAILED, Reason.SPAWN_FAILED),
            "busy": (Status.RUNNING, None),
            "new": (Status.QUEUED, None),
        }
        assert (rows["good"].run_no, rows["good"].duration_ms, rows["good"].lane) == (2, 8, "gpu")
        assert rows["new"].held
        assert await store.claimable("gpu", now=T0 * 2, limit=9) == []
        await put(store, "again", created())
    finally:
        await store.close()


async def test_damage_found_while_running_is_repaired_at_the_next_opening(tmp_path: Path) -> None:
    path = tmp_path / "tasktui.db"
    store = SQLiteStore(path)
    await store.open()
    for number in range(3000):
        if number % 500 == 0:
            await ended(store, f"t{number}", prompt="x" * 60_000)
    await store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        (root,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'tasks_id'").fetchone()
    connection.close()
    data = bytearray(path.read_bytes())
    data[(root - 1) * 4096 : root * 4096] = b"\xff" * 4096
    path.write_bytes(data + bytes(9 * 1024 * 1024))
    store = SQLiteStore(path)
    await store.open()
    assert store.repaired is None
    with pytest.raises(StoreError):
        await store.row("t0")
    await store.close()
    await store.open()
    assert store.repaired is not None
    await store.close()


async def test_a_newer_file_is_read_and_not_written(tmp_path: Path) -> None:
    path = tmp_path / "tasktui.db"
    await _filled(path)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    store = SQLiteStore(path)
    with pytest.raises(SchemaTooNewError, match="newer tasktui"):
        await store.open()
    assert len((await store.page(EVERYTHING)).items) == 30
    with pytest.raises(SchemaTooNewError):
        await put(store, "x", created())
    with pytest.raises(SchemaTooNewError):
        await store.take_epoch(1)
    await store.close()
    with Reader.open(path) as reader:
        assert reader.counts().total == 30
        with pytest.raises(SchemaTooNewError):
            reader.check_version()
    assert not list(tmp_path.glob("*.corrupt-*"))


async def test_the_file_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "tasktui.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA application_id = 7")
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    store = SQLiteStore(path)
    with pytest.raises(StoreError, match="another program"):
        await store.open()
    await store.close()
    assert [entry.name for entry in tmp_path.glob("tasktui.db*") if "corrupt" in entry.name] == []


async def test_illegal_facts_are_refused_after_a_rebuild_as_before(tmp_path: Path) -> None:
    path = tmp_path / "tasktui.db"
    path.write_bytes(b"junk" * 5000)
    _task_directory(tmp_path, "good", status=_status(code=0))
    store = SQLiteStore(path)
    await store.open()
    try:
        assert (await refused(store, "good", lifecycle.TaskStarted(), run=3)).reason == "transition"
    finally:
        await store.close()
