"""Statuses, ids, rows, specs and the registry: the words that everything else is said in."""

from __future__ import annotations

import pytest

from tasktui.domain.errors import (
    AmbiguousTaskError,
    FencedError,
    InvalidError,
    NotFoundError,
    TasktuiError,
    by_code,
)
from tasktui.domain.events import lifecycle, work
from tasktui.domain.events.registry import parse, parsed
from tasktui.domain.events.schema import envelope_adapter
from tasktui.domain.ids import choose, is_task_id
from tasktui.domain.records import StoredEvent
from tasktui.domain.requests import Task
from tasktui.domain.rows import TASK_COLUMNS, Counts, TaskRow, task_row
from tasktui.domain.spec import AgentWork, CustomWork, PythonWork, RemoteWork, ShellWork, TaskSpec
from tasktui.domain.status import Attention, Group, Kind, Reason, Status, group_of, parse_status

ROW = TaskRow("t", 1, Kind.SHELL, "x", "default", Status.FAILED, 1, 2, 3, terminal_reason=Reason.ERROR)


@pytest.mark.parametrize(("word", "status"), [("cancelled", Status.CANCELED), ("LOST", Status.LOST)])
def test_a_status_by_its_words(word: str, status: Status) -> None:
    assert parse_status(word) == status
    with pytest.raises(ValueError, match="nope"):
        parse_status("nope")


@pytest.mark.parametrize(
    ("status", "attention", "group"),
    [
        (Status.FAILED, Attention.INPUT, Group.FINISHED),
        (Status.RUNNING, Attention.INPUT, Group.NEEDS_YOU),
        (Status.QUEUED, Attention.NONE, Group.QUEUED),
        (Status.DISPATCHED, Attention.NONE, Group.RUNNING),
    ],
)
def test_the_section_of_a_task(status: Status, attention: Attention, group: Group) -> None:
    assert group_of(status, attention) == group


def test_which_words_may_be_ids() -> None:
    assert all(map(is_task_id, ("a", "task_0123", "a.b:c-d")))
    assert not any(map(is_task_id, ("", ".", "..", "a/b", "a b", "x" * 129, "ä")))


def test_a_prefix_means_one_task_or_says_why_not() -> None:
    assert choose("a", ["a", "ab"]) == "a"
    assert choose("ab", ["abc"]) == "abc"
    for prefix, candidates in (("x", []), (" ", ["a"])):
        with pytest.raises(NotFoundError):
            choose(prefix, candidates)
    with pytest.raises(AmbiguousTaskError, match="matches 30 tasks") as caught:
        choose("t", [f"t{n}" for n in range(12)], matches=30)
    assert len(caught.value.candidates) == 10


def test_a_row_comes_back_from_plain_values() -> None:
    plain = [getattr(ROW, name) for name in TASK_COLUMNS]
    values = tuple(
        str(value) if isinstance(value, (Status, Kind, Attention, Reason)) else value for value in plain
    )
    again = task_row(values)
    assert again == ROW
    assert isinstance(again.terminal_reason, Reason)
    assert task_row((*values[:11], None, *values[12:])).terminal_reason is None
    assert (ROW.group, ROW.stopping) == (Group.FINISHED, False)


def test_counts() -> None:
    counts = Counts(((Status.RUNNING, 2), (Status.FAILED, 3)))
    assert (counts.of(Status.RUNNING, Status.LOST), counts.total) == (2, 5)


@pytest.mark.parametrize(
    ("work", "title"),
    [
        (ShellWork(argv=("echo", "a b")), "echo 'a b'"),
        (ShellWork(command="make  all"), "make all"),
        (AgentWork(preset="claude", prompt=" one\ntwo "), "one"),
        (PythonWork(function="a.b:c"), "a.b:c"),
        (RemoteWork(url="http://x", prompt=" "), "http://x"),
        (CustomWork(executor="mine"), "mine"),
        (ShellWork(command="x" * 500), "x" * 119 + "…"),
    ],
)
@pytest.mark.feature(14)
def test_a_title_is_the_first_line_of_the_work(work: ShellWork, title: str) -> None:
    spec = TaskSpec(work=work)
    assert spec.title == title
    assert spec.kind == work.kind
    assert TaskSpec.model_validate_json(spec.model_dump_json()) == spec
    assert Task(ROW, spec).id == "t"


@pytest.mark.parametrize(
    "work",
    [
        {"kind": "shell"},
        {"kind": "shell", "argv": ["a"], "command": "b"},
        {"kind": "shell", "command": "  "},
        {"kind": "shell", "argv": [" "]},
        {"kind": "shell", "argv": ["a\0b"]},
        {"kind": "agent", "preset": "x", "prompt": " \n "},
        {"kind": "python", "function": "os.system"},
    ],
)
@pytest.mark.feature(17, 21)
def test_work_that_cannot_be_done_is_refused(work: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        TaskSpec.model_validate({"work": work})


@pytest.mark.parametrize("cwd", ["here", "/a\0b"])
def test_a_working_directory_is_absolute(cwd: str) -> None:
    with pytest.raises(ValueError, match="absolute"):
        TaskSpec(work=ShellWork(command="x"), cwd=cwd)
    assert TaskSpec(work=ShellWork(command="x"), cwd="/").cwd == "/"


def test_events_are_read_by_their_name() -> None:
    assert parse("task.progress", b'{"current": 3, "later": 1}') == lifecycle.TaskProgress(current=3)
    stored = StoredEvent(1, "t", 1, 0, 5, "tool.progress", "", b'{"call_id":"1"}')
    assert parsed(stored) == work.ToolProgress(call_id="1")
    with pytest.raises(InvalidError, match="unknown event type"):
        parse("no.such", b"{}")
    with pytest.raises(InvalidError, match=r"tool\.progress: call_id: Field required"):
        parse("tool.progress", b"{}")
    with pytest.raises(InvalidError, match=r"task\.progress: data: "):
        parse("task.progress", b"{")


def test_the_schema_names_every_event() -> None:
    schema = envelope_adapter().json_schema()
    assert schema["discriminator"]["mapping"]["task.created"]


def test_errors_by_their_code() -> None:
    assert by_code("FENCED") is FencedError
    assert by_code("?") is TasktuiError
    assert str(FencedError()) == "Another owner took over this data directory."
