"""The files of a run, and what becomes of them when another run starts."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tasktui.executors.launch import AlreadyRunError, ExitRecord, SpawnFailure
from tasktui.executors.run_files import is_locked, lock_for, parse_record, read_head, read_record

HEAD = {"v": 1, "id": "t", "run": 1, "shim": 5, "mark": "m"}
STATUS = {
    "v": 1,
    "id": "t",
    "run": 1,
    "code": 3,
    "signal": None,
    "failure": None,
    "stopped": "term",
    "cpu_s": 1,
}


def test_a_record_is_read() -> None:
    assert parse_record(STATUS) == ExitRecord("t", 1, code=3, stopped="term", cpu_s=1)
    failed = parse_record(
        STATUS | {"code": None, "failure": {"kind": "no_program", "errno": 2, "text": "No"}}
    )
    assert failed is not None
    assert failed.failure == SpawnFailure("no_program", 2, "No")


@pytest.mark.parametrize(
    "garbage",
    [None, [], "x", {}, {"id": "t"}, {"id": 1, "run": 1}, STATUS | {"code": "0"}, STATUS | {"run": None}],
)
def test_a_garbled_record_is_none(garbage: object) -> None:
    assert parse_record(garbage) is None


def test_a_lock_is_seen_while_it_is_held(tmp_path: Path) -> None:
    assert not is_locked(tmp_path)
    lock = lock_for(tmp_path, 1)
    assert is_locked(tmp_path)
    assert is_locked(tmp_path), "looking doesn't take it away"
    with pytest.raises(AlreadyRunError):
        lock_for(tmp_path, 1)
    os.close(lock)
    assert not is_locked(tmp_path)
    assert read_head(tmp_path) is None


@pytest.mark.parametrize("crashed_after", [0, 1, 2, 3])
def test_a_crash_while_files_move_is_mended_by_the_next_try(tmp_path: Path, crashed_after: int) -> None:
    task = tmp_path / "task"
    former = task / "run.1"
    contents = {
        "out.log": "x",
        "events.jsonl": "{}",
        "run.json": json.dumps(HEAD),
        "status.json": json.dumps(STATUS),
    }
    if crashed_after:
        former.mkdir(parents=True)
    task.mkdir(exist_ok=True)
    for number, (name, content) in enumerate(contents.items()):
        folder = former if number < crashed_after else task
        (folder / name).write_text(content)
    for name in ("spec.json", "env"):
        (task / name).touch()
    os.close(lock_for(task, 2))
    assert sorted(entry.name for entry in task.iterdir()) == ["env", "run.1", "run.json", "spec.json"]
    assert sorted(entry.name for entry in former.iterdir()) == sorted(contents)
    assert read_record(former) == ExitRecord("t", 1, code=3, stopped="term", cpu_s=1)
    assert (task / "run.json").stat().st_size == 0


def test_the_same_run_is_not_locked_again(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps(HEAD))
    with pytest.raises(AlreadyRunError):
        lock_for(tmp_path, 1)
    assert read_head(tmp_path) is not None
