"""SafeFilter: what went around clean() still doesn't reach the terminal, and lines keep their width."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter
from textual.strip import Strip
from textual.widget import Widget

from tasktui.ui.linefilter import SafeFilter

BLACK = Color(0, 0, 0)
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@given(
    st.lists(st.text(st.one_of(st.characters(), st.sampled_from("\x1b\x07\u202e\udc80\u2067")), max_size=20))
)
def test_unsafe_characters_are_dropped_and_widths_kept(texts: list[str]) -> None:
    style = Style(bold=True)
    before = [Segment(text, style) for text in texts]
    after = SafeFilter().apply(before, BLACK)
    assert [segment.style for segment in after] == [style] * len(texts)
    for old, new in zip(before, after, strict=True):
        assert not UNSAFE.search(new.text)
        assert cell_len(new.text) == cell_len(old.text)


def test_clean_lines_pass_untouched() -> None:
    segments = [Segment("plain"), Segment("日本", Style(bold=True))]
    assert SafeFilter().apply(segments, BLACK) is segments


class Leaky(Widget):
    """A widget that draws raw text, as ours never do."""

    def render_line(self, y: int) -> Strip:
        return Strip([Segment("a\x1b]0;owned\x07b\u202ec".ljust(self.size.width))])


class LeakyApp(App[None]):
    def get_line_filters(self) -> list[LineFilter]:
        return [*super().get_line_filters(), SafeFilter()]

    def compose(self) -> ComposeResult:
        yield Leaky()


async def test_an_app_with_the_filter_draws_no_escape() -> None:
    app = LeakyApp()
    async with app.run_test(size=(40, 4)) as pilot:
        await pilot.pause()
        lines = [strip.text for strip in app.screen._compositor.render_strips()]
        assert not UNSAFE.search("".join(lines))
        assert lines[0].startswith("a]0;ownedbc")
        assert Content(lines[0]).cell_length <= 40
