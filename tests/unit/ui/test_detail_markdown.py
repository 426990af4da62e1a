"""markdown_lines(): what is meant is shown in words and roles; nothing in it is obeyed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tasktui.domain.clean import clean
from tasktui.ui.widgets.detail.code import code_lines
from tasktui.ui.widgets.detail.markdown import markdown_lines


def texts(source: str, width: int = 60) -> list[str]:
    return [line.text.rstrip() for line in markdown_lines(source, width)]


def roles(source: str) -> dict[str, str]:
    return {text: role for line in markdown_lines(source, 60) for text, role in line.spans}


def test_blocks():
    assert texts("# Title\n\nwords\n\n- one\n- two\n  - deep\n\n3. third\n") == [
        "Title",
        "",
        "words",
        "",
        "• one",
        "• two",
        "  • deep",
        "",
        "3. third",
    ]


def test_code_keeps_its_spaces_and_quotes_their_bar():
    assert texts("```python\nif x:\n    y\n```\n\n> said\n> so") == ["  if x:", "      y", "", "│ said so"]


def test_code_of_a_known_language_is_coloured():
    found = roles("```python\nif x == 3:  # why\n    say('hello')\n```")
    assert (found["if"], found["3"], found["# why"], found["hello"]) == (
        "keyword",
        "number",
        "comment",
        "string",
    )


def test_code_of_another_or_too_much_of_it_is_not():
    assert set(roles("```made-up\nif x:\n```").values()) == {"plain", "code"}
    assert set(roles("```python\n" + "if x: y\n" * 2_000 + "```").values()) == {"plain", "code"}


@given(st.text(max_size=300), st.sampled_from(["python", "json", "html", "bash", "rust", "yaml", "made-up"]))
def test_code_of_any_kind_keeps_every_character(text, language):
    text = clean(text, multiline=True)
    rows = ["".join(piece for piece, _ in row) for row in code_lines(text, language)]
    assert rows[: len(text.split("\n"))] == text.split("\n")[: len(rows)]
    assert "".join(rows).strip() == text.replace("\n", "").strip()


def test_tables_and_rules():
    assert texts("|a|b|\n|-|-|\n|1|2|\n\n---\n", 20) == ["a │ b", "──────────", "1 │ 2", "", "──────────"]


def test_inline_roles():
    found = roles("**bold** *slanted* `code` [link](https://example.org) plain")
    assert (found["bold"], found["slanted"], found["code"], found["link"]) == ("strong", "em", "code", "link")


def test_hard_breaks_make_lines():
    assert texts("one  \ntwo") == ["one", "two"]


def test_a_long_quote_keeps_its_bar():
    shown = texts("> " + "word " * 30, 30)
    assert len(shown) > 3
    assert all(text.startswith("│ ") for text in shown)


def test_html_and_markup_are_text():
    assert texts("<b>x</b> [red]y[/] list[int]") == ["<b>x</b> [red]y[/] list[int]"]


@given(st.text(max_size=300), st.integers(12, 80))
def test_no_text_raises_hides_a_control_or_leaves_the_width(source, width):
    for line in markdown_lines(source, width):
        assert clean(line.text, limit=100_000) == line.text
        assert cell_len(line.text) <= max(width, 40)


def test_nothing_makes_nothing():
    assert texts("") == []
