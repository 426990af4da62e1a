"""What a full disk, or a death, tears of what a task is told, or tells, is one line, and no other."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tasktui.cli.emit import _await_answer, report
from tasktui.domain.ports.executor import Delivery
from tasktui.executors import inbox
from tasktui.executors.line_file import lead
from tasktui.executors.python_run.file_context import FileContext

TORN = b'{"id": "m'


def told(number: str, request: str | None = None) -> Delivery:
    return Delivery(intervention_id=number, text="yes", user="you", mode="steer", request_id=request)


def test_what_is_said_after_a_torn_line_is_heard(tmp_path: Path) -> None:
    path = tmp_path / "inbox.jsonl"
    inbox.append(str(path), told("m1"))
    with path.open("ab") as file:
        file.write(TORN)
    inbox.append(str(path), told("m2"))
    inbox.append(str(path), told("m3"))
    assert path.read_bytes().split(b"\n")[1] == TORN
    assert path.stat().st_mode & 0o777 == 0o600
    context = FileContext("t", 1, tmp_path, events=tmp_path / "events", inbox=path)
    assert [message.id for message in context.interventions()] == ["m1", "m2", "m3"]


@pytest.mark.parametrize("beginning", [b"", TORN, b"[]\n", b"\n\n"])
def test_who_asks_finds_the_answer_among_what_is_torn(tmp_path: Path, beginning: bytes) -> None:
    path = tmp_path / "inbox.jsonl"
    path.write_bytes(beginning)
    inbox.append(str(path), told("q1", "q1"))
    answer = _await_answer(path, "q1", 0, 20)
    assert answer is not None
    assert answer["text"] == "yes"


def test_a_pipe_in_its_place_without_a_reader_takes_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "inbox.jsonl")
    with pytest.raises(OSError, match="No such device"):
        inbox.append(str(tmp_path / "inbox.jsonl"), told("m1"))


def test_a_pipe_that_took_its_place_meanwhile_holds_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "inbox.jsonl"
    path.write_bytes(TORN)
    fd = os.open(path, os.O_WRONLY)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(OSError, match="Illegal seek"):
        lead(path, fd)
    os.close(fd)


def test_what_is_reported_after_a_torn_line_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = tmp_path / "events.jsonl"
    monkeypatch.setenv("TASKTUI_EVENTS", str(events))
    events.write_bytes(TORN)
    report("task.status", {"message": "script"})
    with events.open("ab") as file:
        file.write(TORN)
    FileContext("t", 1, tmp_path, events=events, inbox=tmp_path / "inbox.jsonl").status("job")
    torn, script, again, job, end = events.read_bytes().split(b"\n")
    assert (torn, again, end) == (TORN, TORN, b"")
    assert [json.loads(line)["data"]["message"] for line in (script, job)] == ["script", "job"]
