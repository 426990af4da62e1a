"""A token in what an agent says, however it is spelled."""

from __future__ import annotations

import json

import pytest

from tasktui.executors.agents.elsewhere.program.secrets import plainly

SECRET = b"abc+def/ghi==sekret"


@pytest.mark.parametrize("spelled", [r"abc+def\/ghi==sekret", r"abc\u002Bdef/ghi==\u0073ekret"])
def test_what_is_spelled_with_escapes_is_hidden(spelled: str) -> None:
    line = f'{{"a": [1, {{"b": "x {spelled} y"}}]}}'.encode()
    assert json.loads(plainly(line, SECRET, b"*")) == {"a": [1, {"b": "x * y"}]}


@pytest.mark.parametrize("line", [rb'{"a": "\n"}', b"no \\ message", b'{"a": 1.10}'])
def test_what_holds_none_stays_as_it_is(line: bytes) -> None:
    assert plainly(line, SECRET, b"*") == line
    assert plainly(line, b"", b"*") == line


def test_what_is_too_deep_to_be_looked_through_is_hidden() -> None:
    assert plainly(b"[" * 5000 + rb'"\n"' + b"]" * 5000, SECRET, b"*") == b"*"
