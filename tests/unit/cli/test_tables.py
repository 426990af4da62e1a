"""Plain tables: aligned by cells, cleaned, one column cut to the terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktui.cli.tables import Cell, Column, cells, fit, table

COLUMNS = (Column("ID"), Column("N", right=True), Column("TITLE", elastic=True))


@pytest.mark.parametrize(
    ("text", "wide"), [("", 0), ("abc", 3), ("日本", 4), ("é", 1), ("e\u0301", 1), ("👍", 2)]
)
def test_cells_are_what_a_terminal_takes(text: str, wide: int) -> None:
    assert cells(text) == wide


@given(st.text(alphabet="ab日本👍é\u0301", max_size=30), st.integers(1, 20))
def test_a_cut_text_fits_and_begins_as_the_text(text: str, width: int) -> None:
    cut = fit(text, width)
    assert cells(cut) <= width
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))


def test_columns_are_aligned_by_cells() -> None:
    lines = list(table(COLUMNS, [("a", "1", "日本"), ("bcd", "10", "x")]))
    assert lines == ["ID    N  TITLE", "a     1  日本", "bcd  10  x"]


def test_only_the_elastic_column_is_cut() -> None:
    lines = list(table(COLUMNS, [("task_0123456789", "1", "a long title " * 9)], width=50))
    assert [cells(line) for line in lines] == [25, 50]
    assert lines[1].startswith("task_0123456789  1  a long title")


def test_a_narrow_terminal_still_shows_something() -> None:
    (_, line) = table(COLUMNS, [("task_0123456789", "1", "a long title")], width=10)
    assert line.endswith("a long title")


def test_text_from_outside_is_harmless_and_on_one_line() -> None:
    (_, line) = table(COLUMNS, [("\x1b[31ma", Cell("1"), "two\nlines")])
    assert line == "a   1  two␤lines"
