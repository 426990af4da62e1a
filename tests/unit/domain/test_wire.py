"""What leaves the process comes back as it was."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktui.domain import errors, wire
from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.lifecycle import TaskProgress
from tasktui.domain.records import Artifact, EvidenceRow, InterventionRow, RequestRow, StoredEvent, ToolCall
from tasktui.domain.requests import (
    ArtifactChunk,
    CancelResult,
    ChangeSet,
    LaneState,
    OutputChunk,
    Stats,
    Task,
    TaskDetail,
)
from tasktui.domain.rows import Counts, Page, SearchHit, TaskRow
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import Attention, Kind, Reason, Status, ToolStatus
from tasktui.domain.wire_answers import (
    artifact_chunk_from_object,
    artifact_chunk_object,
    cancel_from_object,
    cancel_object,
    changes_from_object,
    changes_object,
    detail_from_object,
    detail_object,
    output_from_object,
    output_object,
    stats_from_object,
    stats_object,
)
from tasktui.domain.wire_events import event_from_line, event_from_object, event_line, event_object
from tasktui.domain.wire_records import (
    ARTIFACT,
    EVIDENCE,
    INTERVENTION,
    REQUEST,
    SEARCH_HIT,
    TOOL_CALL,
    Form,
    page_from_object,
    page_object,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
WORD = st.from_regex(r"[a-z0-9_.:-]{1,12}", fullmatch=True)
TIME = st.integers(-62_135_596_800_000, 253_402_300_799_999)
NUMBER = st.integers(0, 2**63 - 1)
REAL = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
WORDS = st.lists(WORD, max_size=3).map(lambda words: f" {' '.join(words)} " if words else "")
HINTS: dict[str, st.SearchStrategy[Any]] = {
    "str": TEXT,
    "int": NUMBER,
    "float": REAL,
    "bool": st.booleans(),
    "bytes": st.binary(max_size=40),
    "UnixMs": TIME,
    "Kind": st.sampled_from(Kind),
    "Status": st.sampled_from(Status),
    "ToolStatus": st.sampled_from(ToolStatus),
    "Attention": st.sampled_from(Attention),
    "Reason": st.sampled_from(Reason),
}


def made(kind: type[Any], **given_: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Any instance of a flat dataclass or named tuple, by the words of its annotations."""
    parts = {}
    for name, hint in kind.__annotations__.items():
        words = getattr(hint, "__forward_arg__", hint).split(" | ")
        strategy = HINTS[words[0]] if name not in given_ else given_[name]
        parts[name] = st.none() | strategy if "None" in words else strategy
    return st.builds(kind, **parts)


JSON_TEXT = JSON.filter(lambda value: value is not None).map(lambda value: wire.encode(value).decode())
LIST_TEXT = st.just("") | st.lists(TEXT, max_size=3).map(lambda value: wire.encode(value).decode())
ROWS = made(TaskRow, tags=WORDS, depends_on=WORDS)
EVENTS = made(
    StoredEvent,
    data=st.dictionaries(TEXT, JSON, max_size=3).map(wire.encode),
    actor=st.sampled_from(["", "user", "user:ann", "manager", "agent:a:b"]),
)
TOOLS = made(ToolCall)
ARTIFACTS = made(Artifact)
MESSAGES = made(InterventionRow, attachments=LIST_TEXT)
REQUESTS = made(RequestRow, context=JSON_TEXT, options=LIST_TEXT)
EVIDENCES = made(EvidenceRow, record=JSON_TEXT)
COUNTS = st.builds(
    Counts,
    by_status=st.dictionaries(st.sampled_from(Status), NUMBER).map(lambda found: tuple(found.items())),
    needs_you=NUMBER,
    held=NUMBER,
    archived=NUMBER,
)
LANES = made(LaneState)


def sent(value: Any) -> Any:
    """What arrives of a value on the other side."""
    return json.loads(wire.encode(value))


@given(ROWS)
def test_a_task_comes_back_as_it_was(row: TaskRow) -> None:
    assert wire.task_from_object(sent(wire.task_object(row))) == row


@given(EVENTS)
def test_an_event_comes_back_as_it_was(event: StoredEvent) -> None:
    assert event_from_object(sent(event_object(event))) == event
    line = event_line(event)
    assert b"\n" not in line
    assert event_from_line(line) == event
    assert json.loads(line) == sent(event_object(event))


@pytest.mark.parametrize(
    ("form", "records"),
    [
        (TOOL_CALL, TOOLS),
        (ARTIFACT, ARTIFACTS),
        (INTERVENTION, MESSAGES),
        (REQUEST, REQUESTS),
        (EVIDENCE, EVIDENCES),
        (SEARCH_HIT, made(SearchHit)),
    ],
)
@given(data=st.data())
def test_a_record_comes_back_as_it_was(form: Form[Any], records: Any, data: st.DataObject) -> None:
    record = data.draw(records)
    assert form.record(sent(form.object(record))) == record


@given(st.lists(ROWS, max_size=2), st.booleans())
def test_a_page_comes_back_as_it_was(rows: list[TaskRow], more: bool) -> None:
    page = Page(tuple(rows), more=more)
    assert page_from_object(sent(page_object(page, wire.task_object)), wire.task_from_object) == page


@given(
    st.builds(
        ChangeSet,
        rows=st.lists(ROWS, max_size=2).map(tuple),
        removed=st.lists(WORD, max_size=2).map(tuple),
        counts=st.none() | COUNTS,
        task_id=st.none() | WORD.filter(bool),
        tail=st.lists(EVENTS, max_size=2).map(tuple),
        reread=st.booleans(),
        output=st.booleans(),
        live=st.lists(st.tuples(WORD, TEXT), max_size=2).map(tuple),
        written=st.lists(st.tuples(WORD, TEXT), max_size=2).map(tuple),
        degraded=st.none() | TEXT.filter(bool),
    )
)
def test_changes_come_back_as_they_were(changes: ChangeSet) -> None:
    assert changes_from_object(sent(changes_object(changes))) == changes


@given(
    made(
        Stats,
        counts=COUNTS,
        lanes=st.lists(LANES, max_size=2).map(tuple),
    )
)
def test_figures_come_back_as_they_were(stats: Stats) -> None:
    assert stats_from_object(sent(stats_object(stats))) == stats


@given(
    st.builds(
        OutputChunk,
        offset=NUMBER,
        data=st.binary(max_size=40),
        next_offset=NUMBER,
        size=NUMBER,
        dropped=st.lists(st.tuples(NUMBER, NUMBER), max_size=2).map(tuple),
        marks=st.lists(st.tuples(NUMBER, st.integers(1, 2), TIME), max_size=2).map(tuple),
    ),
    made(ArtifactChunk, artifact=ARTIFACTS),
)
def test_bytes_come_back_as_they_were(output: OutputChunk, chunk: ArtifactChunk) -> None:
    assert output_from_object(sent(output_object(output))) == output
    assert artifact_chunk_from_object(sent(artifact_chunk_object(chunk))) == chunk


@given(
    ROWS,
    st.lists(TOOLS, max_size=2),
    st.lists(ARTIFACTS, max_size=2),
    st.lists(MESSAGES, max_size=2),
    st.lists(REQUESTS, max_size=2),
    st.none() | JSON_TEXT,
)
def test_a_detail_comes_back_as_it_was(
    row: TaskRow, tools: Any, artifacts: Any, messages: Any, requests: Any, checklist: str | None
) -> None:
    spec = TaskSpec(work=ShellWork(argv=("make", "all")), tags=("x",), timeout_s=3)
    detail = TaskDetail(
        task=Task(row, spec),
        checklist=checklist,
        result_inline="done",
        usage=None,
        metadata='{"by":"ann"}',
        tool_calls=tuple(tools),
        artifacts=tuple(artifacts),
        interventions=tuple(messages),
        requests=tuple(requests),
        evidence=(
            EvidenceRow(row.id, "gate", "g1", 1_000, '{"id":"g1","status":"passed","recorded_at":1000}'),
            EvidenceRow(row.id, "segment", "s1", 2_000, '{"segment_id":"s1","recorded_at":2000}'),
        ),
        intervene="queue",
    )
    assert detail_from_object(sent(detail_object(detail))) == detail
    result = CancelResult("requested", row)
    assert cancel_from_object(sent(cancel_object(result))) == result


def leaf_errors() -> list[type[errors.TasktuiError]]:
    found: list[type[errors.TasktuiError]] = [errors.TasktuiError]
    for kind in found:
        found += kind.__subclasses__()
    return [kind for kind in found if kind.__module__ == errors.__name__]


SPECIAL: dict[type[errors.TasktuiError], errors.TasktuiError] = {
    errors.FilterError: errors.FilterError("no such word", column=7),
    errors.CapacityError: errors.CapacityError("full", retry_after_s=2.5),
    errors.AmbiguousTaskError: errors.AmbiguousTaskError("ta", ("task_1", "task_2"), matches=12),
}


@pytest.mark.parametrize("kind", leaf_errors())
def test_an_error_comes_back_with_its_class_words_and_attributes(kind: type[errors.TasktuiError]) -> None:
    error = SPECIAL[kind] if kind in SPECIAL else kind("what happened", id="task_1")
    back = wire.error_from_object(sent(wire.error_object(error)))
    assert type(back) is kind
    assert str(back) == str(error)
    attributes = {name: value for name, value in vars(error).items() if name != "details"}
    assert {name: vars(back)[name] for name in attributes} == attributes


@pytest.mark.parametrize(
    "nonsense",
    [{}, [], None, "x", {"error": 3}, {"error": {"code": None, "details": [1]}}, {"error": {"code": ["X"]}}],
)
def test_nonsense_is_read_as_some_error(nonsense: object) -> None:
    assert type(wire.error_from_object(nonsense)) is errors.TasktuiError


@pytest.mark.parametrize(
    ("code", "details"),
    [
        ("NOT_FOUND", {"message": "m", "self": 1}),
        ("AMBIGUOUS", {"candidates": 3}),
        ("BAD_FILTER", {"column": 1e300}),
        ("BAD_FILTER", {"column": math.nan}),
        ("RATE_LIMIT_EXCEEDED", {"retry_after_s": math.inf}),
    ],
)
def test_details_hold_what_they_like(code: str, details: dict[str, Any]) -> None:
    error = wire.error_from_object({"error": {"code": code, "message": "said", "details": details}})
    assert (error.code, error.message, error.details) == (code, "said", details)
    assert getattr(error, "candidates", ()) == ()
    assert getattr(error, "column", 1) == 1
    assert getattr(error, "retry_after_s", 1.0) == 1.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": 3}, {"title": None}, {"last_seq": "x"}, {"created_at": None}, {"created_seq": [1]},
        {"usage": {"cost_usd": "much"}}, {"progress": {"current": {}}}, {"counters": 3}, {"lane": {}},
    ],
)  # fmt: skip
def test_a_column_of_the_wrong_type_is_no_task(wrong: dict[str, Any]) -> None:
    row = TaskRow("t", 1, Kind.SHELL, "t", "default", Status.QUEUED, 1, 1, 1)
    with pytest.raises(errors.InvalidError, match="not a task"):
        wire.task_from_object(sent(wire.task_object(row)) | wrong)


def test_an_unstored_event_comes_back_without_a_number() -> None:
    event = NewEvent("task_1", 1, 1_700_000_000_123, TaskProgress(current=3, total=10), "executor:shell")
    line = event_line(event, after_seq=4)
    assert json.loads(line)["after_seq"] == 4
    assert "seq" not in json.loads(line)
    assert event_from_line(line) == event


@pytest.mark.parametrize(
    "wrong",
    [{"gid": "1"}, {"seq": 1.5}, {"task_id": ["t"]}, {"type": 3}, {"run": None}],
)
def test_an_event_in_no_place_is_none(wrong: dict[str, Any]) -> None:
    told = event_object(StoredEvent(1, "task_1", 1, 0, 0, "x", "", b"{}")) | wrong
    with pytest.raises(errors.InvalidError, match="not an event"):
        event_from_object(told)


def test_the_marker_before_the_data_cannot_stand_in_a_name() -> None:
    event = StoredEvent(1, 'a","data":{', 1, 0, 0, "x", 'user:","data":', b'{"a":",\\"data\\":"}')
    assert event_from_line(event_line(event)) == event


def test_data_of_several_lines_is_sent_as_one() -> None:
    event = StoredEvent(1, "task_1", 1, 0, 0, "x", "", b'{\r\n "a":\n 1}')
    assert event_from_line(event_line(event)) == event._replace(data=b'{"a":1}')


def test_fields_of_a_newer_version_are_passed_over() -> None:
    row = TaskRow("t", 1, Kind.SHELL, "t", "default", Status.QUEUED, 1, 1, 1)
    told = sent(wire.task_object(row)) | {"colour": "red"}
    told["counters"]["colours"] = 1
    assert wire.task_from_object(told) == row


@pytest.mark.parametrize("broken", [{}, {"id": "t"}, {"id": "t", "status": "purple"}, {"tags": 3}])
def test_what_is_no_task_is_refused_by_its_type(broken: dict[str, Any]) -> None:
    with pytest.raises(errors.InvalidError):
        wire.task_from_object(broken)


def test_what_json_cannot_say_becomes_what_it_can() -> None:
    told = json.loads(wire.encode({"a": math.nan, "b": "x\ud800", "c": [math.inf], "d": {1}}))
    assert told == {"a": None, "b": "x?", "c": [None], "d": ["1"]}


@pytest.mark.parametrize(
    ("instant", "text"),
    [(0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"), (10**30, "9999-12-31T23:59:59.999Z")],
)
def test_times_have_milliseconds_and_a_zone(instant: int, text: str) -> None:
    assert wire.time_text(instant) == text


def test_a_time_of_another_zone_is_the_same_instant() -> None:
    assert wire.time_value("1970-01-01T02:00:00+02:00") == wire.time_value("1970-01-01T00:00:00") == 0
    with pytest.raises(errors.InvalidError):
        wire.time_value("noon")


@pytest.mark.parametrize("text", ["", "[1]", "{", "[" * 100_000])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(errors.InvalidError):
        wire.decode(text)


def test_the_forms_for_quick_commands_load_the_standard_library_alone() -> None:
    code = (
        "import sys, tasktui.domain.wire, tasktui.domain.wire_events, tasktui.domain.wire_records;"
        "print([n for n in ('pydantic','httpx','fastapi','uvicorn','asyncio','textual') if n in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_subclass_that_inherits_a_code_does_not_take_it() -> None:
    class Busy(errors.TaskConflictError):
        """Of another module."""

    assert Busy.code == "TASK_CONFLICT"
    assert errors.by_code("TASK_CONFLICT") is errors.TaskConflictError
    assert errors.by_code("NO_SUCH_CODE") is errors.TasktuiError
