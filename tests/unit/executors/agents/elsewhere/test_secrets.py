"""A token in what an agent says, however it is spelled."""

from __future__ import annotations

import json
import re
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasktui.executors.agents.elsewhere.program.secrets import spellings

SECRET = "abc+def/ghi==sekret"
LETTERS = string.ascii_letters + string.digits + "-._~+/="
TOKENS = st.text(st.sampled_from(LETTERS), min_size=8, max_size=20)
"""As RFC 6750, section 2.1, has them."""


def hidden(line: bytes, secret: str = SECRET) -> bytes:
    return spellings(secret).sub(b"*", line)


@pytest.mark.parametrize(
    "spelled",
    [SECRET, r"abc+def\/ghi==sekret", r"abc\u002Bdef/ghi==\u0073ekret", r"\u0061bc+def/ghi==sekret"],
)
def test_what_is_spelled_with_escapes_is_hidden(spelled: str) -> None:
    line = f'{{"a": [1, {{"b {spelled}": "x {spelled} y"}}]}}'.encode()
    assert json.loads(hidden(line)) == {"a": [1, {"b *": "x * y"}]}


def by_numbers(text: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in text)


@given(TOKENS, st.booleans())
@example(secret="token-u", numbers=True)
def test_a_text_within_texts_hides_none(secret: str, numbers: bool) -> None:
    text = by_numbers(secret) if numbers else secret
    for _ in range(3):
        text = json.dumps([text]).replace("/", "\\/")
        shown = hidden(text.encode(), secret)
        while (said := json.loads(shown)) != ["*"]:
            shown = said[0].encode()


@pytest.mark.parametrize(
    "line", [rb'no JSON: "abc\u002Bdef/ghi==sekret', b'{"a": "\xff abc+def\\/ghi==sekret"}']
)
def test_what_is_no_json_hides_none(line: bytes) -> None:
    assert hidden(line).count(b"*") == 1
    assert b"ekret" not in hidden(line)


@pytest.mark.parametrize("line", [rb'{"a": "\n"}', b"no \\ message", b'{"a": 1.10}', b"[" * 5000 + rb'"\n"'])
def test_what_holds_none_stays_as_it_is(line: bytes) -> None:
    assert hidden(line) == line


def test_a_letter_that_means_something_in_a_pattern_means_nothing() -> None:
    secret = "".join(map(chr, range(32, 127)))
    assert hidden(json.dumps([secret]).encode(), secret) == b'["*"]'
    assert re.search(spellings("a.......b"), b"axxxxxxxb") is None
