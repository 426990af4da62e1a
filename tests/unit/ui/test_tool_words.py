"""What a row says of a tool call, by its kind."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktui.domain.records import ToolCall
from tasktui.domain.status import ToolStatus
from tasktui.ui.widgets.detail.tool_words import about, sort_of


def call(kind: str | None, given: object, **more: object) -> ToolCall:
    text = given if isinstance(given, str) else json.dumps(given)
    made = {"status": ToolStatus.SUCCESS, "kind": kind, "input_summary": text} | more
    return ToolCall("t", "c", 1, "Tool", **made)  # type: ignore[arg-type]  # any field of it


@pytest.mark.parametrize(
    ("kind", "glyph", "word"),
    [
        ("execute", "$", "run"), ("edit", "±", "edit"), ("delete", "±", "edit"), ("move", "±", "edit"),
        ("read", "≡", "read"), ("search", "/", "find"), ("fetch", "↓", "fetch"), ("think", "○", "think"),
        ("switch_mode", "·", "tool"), (None, "·", "tool"),
    ],
)  # fmt: skip
def test_each_kind_has_a_sign_and_a_word(kind, glyph, word):
    assert sort_of(kind)[:2] == (glyph, word)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (call("execute", "pytest -q"), "pytest -q"),
        (call("execute", {"command": "ls -l", "description": "look"}), "ls -l"),
        (call("edit", "src/x.py", added=6, removed=2), "src/x.py +6 −2"),
        (call("edit", {"file_path": "x.py", "old_string": "a"}), "x.py"),
        (call("read", {"absolute_path": "/srv/x.py", "limit": 3}), "/srv/x.py"),
        (call("search", {"pattern": "freeze", "path": "tests"}), "freeze in tests"),
        (call("search", {"path": "tests"}), "tests"),
        (call("fetch", {"url": "https://example.org", "prompt": "read it"}), "https://example.org"),
        (call("think", {"description": "plan it"}), "plan it"),
        (call("read", {"deep": {"a": 1}, "n": 2}), "n=2"),
        (call(None, {"a": 1}), '{"a": 1}'),
        (call("execute", '{"command": '), '{"command":'),
        (
            call("execute", "make", status=ToolStatus.FAILED, output_summary="no rule\nto make"),
            "make → no rule",
        ),
    ],
)
def test_what_a_call_is_about(one, said):
    assert about(one).startswith(said)


@given(
    st.sampled_from(["execute", "edit", "search", None]),
    st.text() | st.dictionaries(st.text(), st.integers()),
)
def test_any_input_is_one_line(kind, anything):
    assert "\n" not in about(call(kind, anything))
