"""ui/text.py: literal, harmless, and as many cells wide as asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style as RichStyle
from textual.content import Content

from tasktui.ui.text import cut, fit, joined, safe, safe_line, safe_str, safe_text, segment, strip

ANY_TEXT = st.text(st.one_of(st.characters(), st.sampled_from("日本語\u0301\x1b[31m\t\r\n🧵")), max_size=60)


def test_markup_stays_text() -> None:
    for text in (
        "[red]x[/]",
        "[/]",
        "[/usr/bin]",
        "list[int]",
        "[@click=app.quit]x[/]",
        "[link=http://x]y[/link]",
    ):
        assert safe(text).plain == text
        assert safe(text).spans == []
        assert safe_line(text).plain == text
        assert safe_text(text).plain == text
        assert safe_str(text) == text


def test_a_style_covers_the_cleaned_text() -> None:
    content = safe("\x1b[31mab\ncd", "bold")
    assert content.plain == "ab\ncd"
    assert [(span.start, span.end, span.style) for span in content.spans] == [(0, 5, "bold")]


def test_pieces_are_cleaned_and_keep_their_styles() -> None:
    content = joined("a\x07", ("b[/]", "bold"), Content.styled("c", "dim"), separator=" ")
    assert content.plain == "a␇ b[/] c"
    assert [(content.plain[span.start : span.end], span.style) for span in content.spans] == [
        ("b[/]", "bold"),
        ("c", "dim"),
    ]


def test_a_cut_line_says_so() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert cut("abcd", 4) == "abcd"
    assert cut("日本語", 4) == "日…"
    assert cut("日本語", 5) == "日本…"
    assert cut("e\u0301e\u0301e\u0301", 2) == "e\u0301…"
    assert cut("abc", 0) == ""


def test_a_column_is_padded_on_the_other_side() -> None:
    assert fit("ab", 4) == "ab  "
    assert fit("ab", 4, align="right") == "  ab"
    assert fit("日本語", 4) == "日… "


@given(ANY_TEXT, st.integers(0, 80))
def test_a_column_has_its_width_whatever_the_text(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == width


@given(st.lists(ANY_TEXT, max_size=5), st.integers(0, 80))
def test_a_strip_has_its_width_whatever_the_text(texts: list[str], width: int) -> None:
    line = strip([(text, None) for text in texts], width)
    assert sum(cell_len(part.text) for part in line) == width == line.cell_length


def test_a_strip_lays_styles_over_its_base() -> None:
    red, bold = RichStyle(color="red"), RichStyle(bold=True)
    line = strip([("a", bold), ("b", None)], 3, red)
    assert [(part.text, part.style) for part in line] == [("a", red + bold), ("b", red), (" ", red)]


def test_a_segment_is_clean() -> None:
    assert segment("\x1b]0;t\x07x").text == "x"
