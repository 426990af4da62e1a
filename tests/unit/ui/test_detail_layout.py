"""Layout: items and lines agree with a list of all heights, whatever was said about them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tasktui.ui.widgets.detail.layout import Layout

HEIGHTS = st.dictionaries(st.integers(-5, 24), st.integers(0, 6), max_size=12)


@given(st.integers(-5, 5), st.integers(0, 20), st.integers(1, 4), HEIGHTS)
def test_it_agrees_with_all_heights_in_a_list(first, count, default, heights):
    layout = Layout(first, first + count, default=default)
    for item, height in heights.items():
        layout.set_height(item, height)
    lines = [(item, sub) for item in range(first, first + count) for sub in range(heights.get(item, default))]
    assert layout.total == len(lines)
    for number, place in enumerate(lines):
        assert layout.at(number) == place
        assert layout.top(place[0]) + place[1] == number


def test_a_span_is_one_line_for_many_items():
    layout = Layout(0, 1_000_000, default=50)
    layout.set_span(10, 900_000, 1)
    assert layout.total == 100_000 * 50 + 1
    assert layout.at(500) == (10, 0)
    assert layout.at(501) == (900_010, 0)
    assert layout.top(900_010) == 501
    assert layout.top(450_000) == 500
    assert layout.hidden(11)
    assert layout.hidden(900_009)
    assert not layout.hidden(10)
    assert not layout.hidden(900_010)


def test_a_span_that_grows_swallows_heights():
    layout = Layout(0, 100, default=2)
    layout.set_height(20, 7)
    layout.set_span(10, 5, 1)
    layout.set_span(10, 30, 1)
    assert layout.total == 70 * 2 + 1
    assert layout.span(10) == (30, 1)
    assert layout.span(50) == (1, 2)


def test_moving_the_beginning_moves_what_follows():
    layout = Layout(0, 10)
    layout.set_height(3, 4)
    layout.bound(-5, 10)
    assert layout.top(3) == 8
    assert layout.at(8) == (3, 0)
    assert layout.total == 18


def test_steps_pass_over_items_without_lines():
    layout = Layout(0, 6)
    for item in (2, 3):
        layout.set_height(item, 0)
    assert layout.step(1, 1) == 4
    assert layout.step(4, -1) == 1
    assert layout.step(5, 3) == 5
    assert layout.step(0, -1) == 0


def test_setting_what_is_known_is_no_news():
    layout = Layout(0, 10)
    assert layout.set_height(1, 3)
    assert not layout.set_height(1, 3)
    assert layout.set_height(1, 1)
    assert layout.total == 10
    layout.clear()
    assert layout.total == 10


def test_very_many_heights_are_trimmed_to_what_is_near():
    layout = Layout(0, 200_000)
    for item in range(60_000):
        layout.set_height(item, 2)
    layout.trim(100, 200)
    assert layout.total == 200_100
