"""Whatever Textual writes, the difference shows the same screen as the frames themselves."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyte.screens import Char

from bench.replay import Replay
from tasktui.ui.driver.frames import Screen
from tasktui.ui.driver.sgr import delta

WIDTH, HEIGHT = 40, 4
ENTER = "\x1b[?1049h"
FLAGS = ["1", "2", "3", "4", "7", "9"]
COLOURS = ["31", "97", "38;5;200", "38;2;1;2;3"]
BACKGROUNDS = ["42", "103", "48;5;17", "48;2;9;8;7"]

styles = st.builds(
    lambda flags, colour, background: ";".join([*sorted(flags), *colour, *background]),
    st.sets(st.sampled_from(FLAGS), max_size=3),
    st.lists(st.sampled_from(COLOURS), max_size=1),
    st.lists(st.sampled_from(BACKGROUNDS), max_size=1),
)
words = st.one_of(
    st.text(st.sampled_from("ab ─●é"), min_size=1, max_size=WIDTH),
    st.integers(10, WIDTH).map(lambda count: " " * count),
)


@st.composite
def segments(draw: st.DrawFn) -> str:
    """A piece of a frame that stays inside its row, as the compositor writes it."""
    x = draw(st.integers(0, WIDTH - 1))
    text = draw(words)[: WIDTH - x]
    style = draw(styles)
    painted = f"\x1b[{style}m{text}\x1b[0m" if style else text
    return f"\x1b[{draw(st.integers(1, HEIGHT))};{x + 1}H{painted}"


frames = st.lists(segments(), min_size=1, max_size=6).map("".join)


def look(replay: Replay) -> list[list[Char]]:
    return replay.cells


@settings(max_examples=300)
@given(st.lists(frames, min_size=1, max_size=8), st.booleans(), st.data())
def test_differences_show_what_the_frames_show(written: list[str], erases: bool, data: st.DataObject) -> None:
    stock, ours = Replay(WIDTH, HEIGHT), Replay(WIDTH, HEIGHT)
    screen = Screen(WIDTH, HEIGHT, erases=erases)
    screen.write(ENTER)
    for frame in written:
        stock.feed(frame.encode())
        screen.write(frame)
        if data.draw(st.booleans()):
            ours.feed(screen.take(frame=True).encode())
        if data.draw(st.integers(0, 9)) == 0:
            screen.redraw()
    ours.feed(screen.take(frame=True).encode())
    assert look(ours) == look(stock)


@given(styles, styles)
def test_a_delta_leads_to_the_style(before: str, after: str) -> None:
    direct, stepwise = Replay(3, 1), Replay(3, 1)
    direct.feed(f"\x1b[0;{after}mx".encode() if after else b"x")
    stepwise.feed((delta("", before) + delta(before, after) + "x").encode())
    assert look(stepwise) == look(direct)
    assert len(delta(before, after)) <= len(f"\x1b[0;{after}m")


def entered(width: int = WIDTH, height: int = HEIGHT) -> Screen:
    screen = Screen(width, height)
    screen.write(ENTER)
    screen.write(f"\x1b[{height};{width}H~\x1b[1;1H")
    screen.take(frame=True)
    return screen


def test_nothing_new_sends_nothing() -> None:
    screen = entered()
    screen.write("\x1b[1;1Hhello")
    assert screen.take(frame=True) == "\x1b[1Hhello"
    screen.write("\x1b[1;1Hhello")
    assert screen.take(frame=True) == ""


def test_only_the_newest_state_is_sent() -> None:
    screen = entered()
    for count in range(100):
        screen.write(f"\x1b[1;1H{count:5}")
    assert screen.take(frame=True) == "\x1b[1H   99"


def test_a_wide_character_cut_in_half_leaves_a_blank() -> None:
    screen = entered()
    screen.write("\x1b[1;1H日本語")
    screen.take(frame=True)
    screen.write("\x1b[1;2Hx\x1b[1;5Hy")
    ours = Replay(WIDTH, HEIGHT)
    screen.redraw()
    ours.feed(screen.take(frame=True).encode())
    assert ours.lines[0].rstrip() == " x本y"


def test_a_mark_joins_the_character_before_it() -> None:
    screen = entered()
    screen.write("\x1b[1;1He")
    screen.write("\x1b[1;2H\u0301x\x1b[1;1H")
    assert screen.take(frame=True) == "\x1b[1He\u0301x"


def test_after_an_uncertain_width_the_cursor_is_placed_absolutely() -> None:
    screen = entered(40)
    screen.write("\x1b[1;1H日本      a")
    screen.take(frame=True)
    screen.write("\x1b[1;1H本日      b")
    assert screen.take(frame=True).endswith("日\x1b[11Gb")


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b]52;c;aGk=\x07",
        "\x1b]0;title\x1b\\",
        "\x1b[?1004h",
        "\x1b[>9u",
        "\x1b[<u",
        "\x1b[?2048$p",
        "\x07",
        "\x1b]22;pointer\x07",
        "\x1b[6n",
    ],
)
def test_sequences_that_draw_nothing_are_handed_on(sequence: str) -> None:
    screen = entered()
    screen.write(f"\x1b[1;1Ha{sequence}b")
    assert screen.take(frame=False) == sequence
    assert screen.take(frame=True) == "\x1b[1Hab"


@pytest.mark.parametrize(
    "image", ["\x1bPq#0~\x1b\\", "\x1b_Gf=100,a=T;AAAA\x1b\\", "\x1b]1337;File=:AA\x07", "\x1b[5L"]
)
def test_what_is_not_understood_passes_through_at_its_place(image: str) -> None:
    screen = entered()
    screen.write("\x1b[1;1Hbefore")
    screen.write(f"\x1b[2;1Hrow\x1b[3;2H{image}after")
    sent = screen.take(frame=True)
    assert "\x1b[1Hbefore" in sent
    assert f"\x1b[3;2H\x1b[0;m{image}after" in sent
    screen.write("\x1b[1;1Hbefore")
    assert screen.take(frame=True) == "\x1b[1H" + delta(None, "") + "before"


def test_long_blanks_are_erased_where_that_shows_the_same() -> None:
    screen = entered()
    screen.write(f"\x1b[1;1Ha{' ' * 20}b\x1b[2;1H\x1b[4ma{' ' * 20}b\x1b[0m\x1b[1;1H")
    sent = screen.take(frame=True)
    assert "a\x1b[20X\x1b[20Cb" in sent
    assert f"\x1b[4ma{' ' * 20}b" in sent


def test_links_open_and_close_around_their_cells() -> None:
    screen = entered()
    screen.write("\x1b[1;1H\x1b]8;id=1;http://x\x1b\\ab\x1b]8;;\x1b\\c")
    assert screen.take(frame=True) == "\x1b[1H\x1b]8;id=1;http://x\x1b\\ab\x1b]8;;\x1b\\c"


def test_a_resize_trusts_nothing() -> None:
    screen = entered()
    screen.write("\x1b[1;1Hab")
    screen.take(frame=True)
    screen.resize(WIDTH + 2, HEIGHT)
    screen.write("\x1b[1;1Hab")
    assert "ab" in screen.take(frame=True)


def test_nothing_is_painted_outside_the_alternate_screen() -> None:
    screen = entered()
    screen.write("\x1b[1;1Hab")
    screen.write("\x1b[?1049l")
    screen.write("bye\r\n")
    assert screen.take(frame=True) == "\x1b[m\x1b[?1049lbye\r\n"


def test_coming_back_paints_what_was_there() -> None:
    screen = entered()
    screen.write("\x1b[1;1Hab")
    screen.take(frame=True)
    screen.write("\x1b[?1049l")
    screen.write("\x1b[?1049h")
    assert "ab" in screen.take(frame=True)


def test_the_cursor_goes_where_the_app_wants_it() -> None:
    screen = entered()
    screen.write("\x1b[1;1Hab\x1b[2;3H")
    assert screen.take(frame=True).endswith("\x1b[2;3H")


def test_large_frames_are_synchronized_and_small_ones_not() -> None:
    screen = entered(100, 10)
    screen.write("".join(f"\x1b[{y};1H{'x' * 100}" for y in range(1, 11)))
    large = screen.take(frame=True, synchronized=True)
    assert large.startswith("\x1b[?2026h")
    assert large.endswith("\x1b[?2026l")
    screen.write("\x1b[1;1Hy")
    assert screen.take(frame=True, synchronized=True) == "\x1b[1Hy"


@given(st.text(st.one_of(st.characters(), st.sampled_from("\x1b[];0H m1?h\x07\x9b日\u0301")), max_size=80))
def test_no_input_breaks_the_model(data: str) -> None:
    screen = entered()
    screen.write(data)
    screen.take(frame=True)
    screen.write("\x1b[1;1Hafter")
    screen.redraw()
    assert "after" in screen.take(frame=True)
