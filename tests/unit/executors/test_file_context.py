"""What a job reports while the disk is full: it waits in its order, whole, and the job does not."""

from __future__ import annotations

import json
import resource
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tasktui.executors.python_run import program
from tasktui.executors.python_run.file_context import FileContext


@pytest.fixture
def job(tmp_path: Path) -> FileContext:
    files = {"events": tmp_path / "events.jsonl", "inbox": tmp_path / "inbox.jsonl"}
    return FileContext("t", 1, tmp_path, **files)


def test_reports_wait_for_room_and_come_whole_and_in_order(
    job: FileContext, tmp_path: Path, limited: Callable[[int], None]
) -> None:
    job.status("first")
    file = tmp_path / "events.jsonl"
    limited(file.stat().st_size + 20)
    job.status("second")
    job.status("third")
    assert job.interventions() == [], "the job goes on"
    limited(resource.RLIM_INFINITY)
    job.interventions()
    said = [json.loads(line)["data"]["message"] for line in file.read_text().splitlines()]
    assert said == ["first", "second", "third"]


def test_a_file_that_has_no_room_is_none(
    job: FileContext, tmp_path: Path, limited: Callable[[int], None]
) -> None:
    job.artifact(b"old", "report.txt")
    limited(1000)
    with pytest.raises(OSError, match="large"):
        job.artifact(b"x" * 5000, "report.txt")
    limited(resource.RLIM_INFINITY)
    assert (tmp_path / "report.txt").read_bytes() == b"old"
    assert not list(tmp_path.glob(".*"))


def test_work_that_is_done_waits_for_room_to_say_so(tmp_path: Path, limited: Callable[[int], None]) -> None:
    limited(0)
    room = threading.Timer(0.2, limited, (resource.RLIM_INFINITY,))
    room.start()
    program._write(tmp_path / "outcome.json", {"status": "completed"})
    room.join()
    assert json.loads((tmp_path / "outcome.json").read_bytes()) == {"status": "completed"}
