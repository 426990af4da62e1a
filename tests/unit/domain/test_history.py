"""Histories as JSON: what is none is an error, and what passes can be kept by every store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasktui.domain.errors import InvalidError, TasktuiError
from tasktui.domain.events.registry import EVENTS
from tasktui.domain.history import (
    History,
    at_rest,
    fact,
    history_from_object,
    history_object,
    history_or_refusal,
    row_of,
)
from tasktui.domain.ports.store import Change
from tasktui.store.sqlite.store import SQLiteStore

CREATED = {
    "run": 0, "ts": "2026-01-01T00:00:00Z", "type": "task.created", "actor": {"kind": "user", "id": "ann"},
    "data": {"title": "t", "spec": {"work": {"kind": "shell", "argv": ["true"]}}},
}  # fmt: skip
STARTED = CREATED | {"run": 1, "type": "task.started", "data": {}}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


def made(*events: object, **rest: object) -> dict[str, Any]:
    return {"task_id": "task_a", "events": list(events), **rest}


def test_a_history_goes_out_and_comes_in() -> None:
    told = history_from_object(made(CREATED, STARTED, origin="there"))
    assert (told.origin, told.events[0].actor, told.events[1].run) == ("there", "user:ann", 1)
    assert history_object(history_from_object(history_object(told))) == history_object(told)


def test_a_fact_of_a_newer_version_becomes_a_warning() -> None:
    event = fact("task_a", CREATED | {"type": "task.dreamed", "data": {"x": 1}})
    assert event.type == "task.warning"
    assert b"task.dreamed" in event.encoded()


def test_fields_of_a_newer_version_are_kept() -> None:
    event = fact("task_a", STARTED | {"data": {"worker": "w", "mood": "good"}})
    assert event.encoded() == b'{"worker":"w","mood":"good"}'


@pytest.mark.parametrize(
    "wrong",
    [
        made(CREATED | {"run": float("inf")}),
        {}, {"task_id": "../x", "events": []}, made(events=None), made(None), made({}), made(CREATED, live=5),
        made(STARTED | {"type": "task.progress"}), made(CREATED, live=[STARTED]),
        made(CREATED | {"ts": "yesterday"}), made(CREATED | {"data": {"title": "t"}}),
    ],
)  # fmt: skip
def test_what_is_no_history_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidError):
        history_from_object(wrong)


@pytest.mark.parametrize(
    "changes", [{"run": -1}, {"run": 2**60}, {"data": {"worker": "w", "attempt": 2**60}}]
)
def test_numbers_that_no_store_keeps_are_refused(changes: dict[str, Any]) -> None:
    told = history_from_object(made(CREATED, STARTED | changes))
    with pytest.raises(InvalidError, match="cannot be kept"):
        at_rest(told)


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(EVENTS)), st.dictionaries(st.text(max_size=8), JSON))),
    st.dictionaries(st.sampled_from(sorted(CREATED)), JSON),
    JSON,
)
def test_any_history_is_refused_or_can_be_folded(
    facts: list[tuple[str, Any]], changes: dict[str, Any], live: object
) -> None:
    events = [STARTED | {"type": name, "data": data} | changes for name, data in facts]
    told = history_or_refusal(made(CREATED, *events, live=live))
    if isinstance(told, History):
        try:
            row_of(at_rest(told))
        except TasktuiError:
            return


async def test_the_largest_numbers_are_kept(tmp_path: Path) -> None:
    usage = {"input_tokens": 2**53, "output_tokens": 2**53}
    told = at_rest(
        history_from_object(made(CREATED, STARTED, live=[STARTED | {"type": "usage.tokens", "data": usage}]))
    )
    store = SQLiteStore(tmp_path / "tasktui.db")
    await store.open()
    await store.commit([Change(told.task_id, told.events, expected_seq=0, live=told.live)])
    row = await store.row("task_a")
    await store.close()
    assert row is not None
    assert row.tokens_in == 2**53
