"""Wide and combining characters: a screen reached by differences equals the same screen painted at once."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bench.replay import Replay
from tasktui.ui.driver.frames import Screen

WIDTH, HEIGHT = 10, 2

pieces = st.builds(
    lambda y, x, style, text: f"\x1b[{y};{x}H\x1b[{style}m{text}\x1b[0m",
    st.integers(1, HEIGHT),
    st.integers(1, WIDTH),
    st.sampled_from(["1", "31", "48;5;17", "4;32"]),
    st.text(st.sampled_from("ab 日本🧵e\u0301─"), min_size=1, max_size=WIDTH),
)
frames = st.lists(pieces, min_size=1, max_size=4).map("".join)
BLANK = "".join(f"\x1b[{row};1H{' ' * WIDTH}" for row in range(1, HEIGHT + 1))


@settings(max_examples=400)
@given(st.lists(frames, min_size=1, max_size=8), st.integers(1, 3))
def test_differences_and_a_full_painting_agree(written: list[str], every: int) -> None:
    stepwise = Replay(WIDTH, HEIGHT)
    screen = Screen(WIDTH, HEIGHT)
    screen.write("\x1b[?1049h" + BLANK)
    stepwise.feed(b"\x1b[?7l")
    for count, frame in enumerate(written):
        screen.write(frame + "\x1b[1;1H")
        if count % every == 0:
            stepwise.feed(screen.take(frame=True).encode())
    stepwise.feed(screen.take(frame=True).encode())
    screen.redraw()
    at_once = Replay(WIDTH, HEIGHT)
    at_once.feed(b"\x1b[?7l" + screen.take(frame=True).encode())
    assert stepwise.cells == at_once.cells
