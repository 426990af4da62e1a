"""Lines: wrapping keeps every word and every role, marking keeps the text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tasktui.ui.widgets.detail.line import Line, line, marked, wrapped

TEXTS = st.text(alphabet="ab cü漢字🙂 ", max_size=60)


@given(st.lists(st.tuples(TEXTS, st.sampled_from(["plain", "bad"])), max_size=4), st.integers(4, 30))
def test_wrapping_loses_nothing_but_the_spaces_at_breaks(spans, width):
    whole = line(*spans)
    lines = wrapped(whole, width)
    assert all(cell_len(part.text) <= width for part in lines)
    assert "".join("".join(part.text for part in lines).split()) == "".join(whole.text.split())


def test_wrapping_breaks_at_spaces_and_hangs():
    whole = line(("12:00 ", "muted"), ("one two three four", "plain"), hang=6)
    assert [part.text for part in wrapped(whole, 14)] == ["12:00 one two ", "      three ", "      four"]


def test_a_word_that_is_too_long_is_broken_where_the_room_ends():
    assert [part.text for part in wrapped(line(("abcdefgh", "plain")), 3)] == ["abc", "def", "gh"]


@given(TEXTS, st.text(alphabet="abc", min_size=1, max_size=3))
def test_marking_keeps_the_text(text, query):
    shown = marked(line((text, "plain")), query, "match")
    assert shown.text == text
    found = "".join(piece for piece, role in shown.spans if role == "match")
    assert found.lower() == query * (len(found) // len(query))
    assert bool(found) == (query in text.lower())


def test_marking_is_blind_to_case_and_keeps_other_roles():
    shown = marked(Line((("Fail", "bad"), ("ure FAIL", "plain")), mark="!"), "fail", "match")
    assert shown.spans == (("Fail", "match"), ("ure ", "plain"), ("FAIL", "match"))
    assert shown.mark == "!"


def test_text_whose_lowering_changes_its_length_is_left_alone():
    whole = line(("İfail", "plain"))
    assert marked(whole, "fail", "match") is whole


def test_lines_are_clean():
    assert line(("\x1b[31mred\n", "plain"), ("", "bad")).spans == (("red", "plain"),)
