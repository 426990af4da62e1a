"""What a full disk tears of what a task is told, or tells, is one line, and no other."""

from __future__ import annotations

import errno
import json
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tasktui.cli.emit import _await_answer, report
from tasktui.executors.line_file import append
from tasktui.executors.python_run.file_context import FileContext

SAID = json.dumps({"type": "answer", "id": "q1", "text": "yes", "request_id": "q1"}).encode()


@contextmanager
def room_for(size_bytes: int) -> Iterator[None]:
    """Let files of this process be no longer than this."""
    before, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, hard))


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A whole line, one that was torn, and a whole one after it."""
    path = tmp_path / "inbox.jsonl"
    append(path, b'{"id": "m1", "text": "first"}')
    with room_for(path.stat().st_size + 9), pytest.raises(OSError) as torn:  # noqa: PT011  # its number is below
        append(path, b'{"id": "m2", "text": "second"}')
    assert torn.value.errno == errno.EFBIG
    append(path, b'{"id": "m3", "text": "third"}')
    return path


def test_the_next_line_is_one_of_its_own(inbox: Path) -> None:
    lines = inbox.read_bytes().split(b"\n")
    assert lines == [b'{"id": "m1", "text": "first"}', b'{"id": "m', b'{"id": "m3", "text": "third"}', b""]
    assert inbox.stat().st_mode & 0o777 == 0o600


def test_a_job_hears_what_is_whole(inbox: Path, tmp_path: Path) -> None:
    context = FileContext("t", 1, tmp_path, events=tmp_path / "events", inbox=inbox)
    assert [message.id for message in context.interventions()] == ["m1", "m3"]


@pytest.mark.parametrize("beginning", [b"", b'{"id": "m', b"[]\n", b"\n\n"])
def test_who_asks_finds_the_answer_among_what_is_torn(tmp_path: Path, beginning: bytes) -> None:
    inbox = tmp_path / "inbox.jsonl"
    inbox.write_bytes(beginning)
    append(inbox, SAID)
    answer = _await_answer(inbox, "q1", 0, 20)
    assert answer is not None
    assert answer["text"] == "yes"


def test_a_pipe_in_its_place_without_a_reader_takes_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "inbox.jsonl")
    with pytest.raises(OSError) as refused:  # noqa: PT011  # its number is below
        append(tmp_path / "inbox.jsonl", SAID)
    assert refused.value.errno == errno.ENXIO


def test_what_a_script_reports_after_a_torn_line_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = tmp_path / "events.jsonl"
    monkeypatch.setenv("TASKTUI_EVENTS", str(events))
    with room_for(9), pytest.raises(OSError) as torn:  # noqa: PT011  # its number is below
        report("task.status", {"message": "torn"})
    assert torn.value.errno == errno.EFBIG
    report("task.status", {"message": "whole"})
    torn_line, whole, end = events.read_bytes().split(b"\n")
    assert (len(torn_line), end) == (9, b"")
    assert json.loads(whole)["data"] == {"message": "whole"}


def test_what_a_job_reports_after_a_torn_line_is_whole(tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    context = FileContext("t", 1, tmp_path, events=events, inbox=tmp_path / "inbox.jsonl")
    with room_for(9):
        context.status("torn")
    context.status("whole")
    context.status("again")
    torn, *whole, end = events.read_bytes().split(b"\n")
    assert (len(torn), end) == (9, b"")
    assert [json.loads(line)["data"]["message"] for line in whole] == ["whole", "again"]
