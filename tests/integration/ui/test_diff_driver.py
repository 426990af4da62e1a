"""The diffing driver in a real pty: the same screens as the stock driver, fewer bytes, and never stuck."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from pyte.screens import Char

from bench.pty import PtyApp

ROOT = Path(__file__).parents[3]
DOWN, ESCAPE, TAB, RIGHT = b"\x1b[B", b"\x1b[27u", b"\t", b"\x1b[C"
WAIT_S = 30.0
"""For what surely comes, on a machine that is busy with other things."""
RESTORED = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?2004l", b"\x1b[?1003l", b"\x1b[<u")


def start(*arguments: str, answers: bool = True) -> PtyApp:
    argv = [sys.executable, "-m", "tests.integration.ui.demanding_app", *arguments]
    return PtyApp(argv, cols=100, rows=30, cwd=ROOT, answers=answers)


@pytest.fixture
def app() -> Iterator[PtyApp]:
    with start("diff") as running:
        running.first_frame(timeout_s=WAIT_S)
        running.wait_screen(lambda lines: any("count 0" in line for line in lines), WAIT_S)
        at_rest(running)
        yield running


def at_rest(app: PtyApp) -> None:
    app.wait_quiet(timeout_s=WAIT_S)


def wait_until(condition: Callable[[], bool], timeout_s: float = WAIT_S) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "condition not met in time"
        time.sleep(0.01)


def look(app: PtyApp) -> list[list[Char]]:
    return app.cells()


def changed(app: PtyApp, seen: Callable[[PtyApp], object], before: object) -> None:
    """Wait until what is seen of it is something else."""
    wait_until(lambda: seen(app) != before)


def painted_anew(app: PtyApp, mark: int) -> None:
    """Wait until it has sent as much as a whole screen takes."""
    wait_until(lambda: len(app.bytes_since(mark)) > 2000)


def assert_same(stock: PtyApp, diff: PtyApp, after: str) -> None:
    """Both come to show the same: either may be late, and the cursors of their fields blink."""
    for running in (stock, diff):
        at_rest(running)
    deadline = time.monotonic() + WAIT_S
    while (ours := look(diff)) != (theirs := look(stock)):
        if time.monotonic() > deadline:
            assert diff.screen() == stock.screen(), f"text differs after {after}"
            assert ours == theirs, f"styles differ after {after}"
        time.sleep(0.05)


def test_screens_are_those_of_the_stock_driver() -> None:
    with ExitStack() as stack:
        both = [stack.enter_context(start(driver)) for driver in ("stock", "diff")]
        for running in both:
            running.wait_screen(lambda lines: any("count 0" in line for line in lines), WAIT_S)
        assert_same(*both, "start")
        for name, key in [
            ("down", DOWN * 7),
            ("dialog", b"m"),
            ("typing", "本x".encode()),
            ("closing", ESCAPE),
            ("toast", b"n"),
            ("theme", b"t"),
            ("focus", TAB),
            ("tab", RIGHT),
            ("redraw", b"r"),
        ]:
            before, mark = look(both[0]), both[1].mark()
            for running in both:
                running.send(key)
            if name == "redraw":
                painted_anew(both[1], mark)
            else:
                changed(both[0], look, before)
            assert_same(*both, name)
            assert (look(both[0]) == before) == (name == "redraw"), f"{name} shows nothing"
        for cols, rows in [(60, 20), (131, 41), (100, 30)]:
            for running in both:
                running.resize(cols, rows)
            assert_same(*both, f"resize to {cols}x{rows}")
            for running in both:
                running.send(DOWN)
            assert_same(*both, f"a key at {cols}x{rows}")


def counted(app: PtyApp, downs: int) -> None:
    """Wait until the screen tells of so many."""
    app.wait_screen(lambda lines: any(f"count {downs}" in line for line in lines), WAIT_S)


def test_a_cursor_key_costs_little(app: PtyApp) -> None:
    costs = []
    for downs in range(1, 7):
        mark = app.mark()
        app.send(DOWN)
        counted(app, downs)
        at_rest(app)
        costs.append(len(app.bytes_since(mark)))
    # what a slow start still had to paint comes with one of them, not with all
    assert 0 < min(costs) <= 100


def test_the_clipboard_and_images_pass_through(app: PtyApp) -> None:
    app.send(b"c")
    app.wait_for(b"\x1b]52;c;", WAIT_S)
    mark = app.mark()
    app.send(b"i")
    app.wait_for(b"\x1bPq#0;2;0;0;0~-\x1b\\", WAIT_S, since=mark)
    app.send(DOWN)
    counted(app, 1)


def test_redraw_repaints_what_another_program_wrote(app: PtyApp) -> None:
    before = app.screen()
    mark = app.mark()
    app.send(b"r")
    painted_anew(app, mark)
    app.wait_screen(lambda lines: lines == before, WAIT_S)


def test_suspending_restores_the_terminal_and_resuming_paints_again(app: PtyApp) -> None:
    process = psutil.Process(app.process.pid)
    before = app.screen()
    mark = app.mark()
    process.send_signal(signal.SIGTSTP)
    wait_until(lambda: process.status() == psutil.STATUS_STOPPED)
    wait_until(lambda: all(sequence in app.bytes_since(mark) for sequence in RESTORED))
    at_rest(app)
    mark = app.mark()
    process.send_signal(signal.SIGCONT)
    app.wait_for(b"\x1b[?1049h", WAIT_S, since=mark)
    app.wait_screen(lambda lines: lines == before, WAIT_S)
    app.send(DOWN)
    counted(app, 1)


def test_quitting_restores_the_terminal(app: PtyApp) -> None:
    mark = app.mark()
    app.send(b"q")
    assert app.wait_exit(WAIT_S) == 0
    wait_until(lambda: all(sequence in app.bytes_since(mark) for sequence in RESTORED))


def test_a_terminal_that_takes_nothing_neither_stops_the_app_nor_keeps_it_from_leaving(app: PtyApp) -> None:
    app.throttle(0)
    for _ in range(40):
        app.send(b"t")  # a whole new picture each time
        time.sleep(0.02)
    app.send(b"q")
    # who waited for the terminal would do so for ever
    assert app.wait_exit(WAIT_S) == 0
    mark = app.mark()
    app.throttle(None)
    wait_until(lambda: all(sequence in app.bytes_since(mark) for sequence in RESTORED))
    at_rest(app)
    assert len(app.bytes_since(mark)) < 20 * 1024


def test_on_a_slow_line_the_newest_state_comes_first(app: PtyApp) -> None:
    app.throttle(20_000)
    mark = app.mark()
    for _ in range(30):
        app.send(b"t")
    app.send(DOWN)
    counted(app, 1)
    assert len(app.bytes_since(mark)) < 200_000, "pictures that nobody needed any more were sent"


def test_a_terminal_that_never_answers_gets_every_change() -> None:
    with start("diff", answers=False) as app:
        app.first_frame(timeout_s=WAIT_S)
        at_rest(app)
        for _ in range(8):
            app.send(b"t")
        app.send(DOWN)
        counted(app, 1)
        at_rest(app)
        assert b"\x1b[?2026h" not in app.bytes_since()


def test_a_terminal_that_stops_answering_is_not_waited_for_forever(app: PtyApp) -> None:
    app.answers = False
    for _ in range(8):
        app.send(b"t")
        app.wait_quiet(0.05, WAIT_S)
    app.send(DOWN)
    counted(app, 1)


@pytest.mark.parametrize("is_reading", [True, False])
def test_a_closed_terminal_ends_the_screen_and_not_the_process(tmp_path: Path, is_reading: bool) -> None:
    proof = tmp_path / "proof"
    with start("diff", str(proof)) as app:
        app.first_frame(timeout_s=WAIT_S)
        at_rest(app)
        if not is_reading:
            app.throttle(0)
            app.send(b"t" * 20)
        app.hang_up()
        assert app.wait_exit(WAIT_S) == 0
    assert proof.exists()


@pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
def test_inside_tmux_screens_are_those_of_the_stock_driver(tmp_path: Path) -> None:
    with ExitStack() as stack:
        both = [stack.enter_context(start_in_tmux(driver, tmp_path)) for driver in ("stock", "diff")]
        for running in both:
            running.wait_screen(lambda lines: any("row 003" in line for line in lines), WAIT_S)
        assert_same_to_the_eye(*both, "start")
        for name, key in [
            ("down", DOWN * 6),
            ("dialog", b"m"),
            ("typing", "本x".encode()),
            ("closing", b"\x1b"),
        ]:
            before = visible(both[0])
            for running in both:
                running.send(key)
            changed(both[0], visible, before)
            assert_same_to_the_eye(*both, name)
        for running in both:
            running.resize(71, 22)
        assert_same_to_the_eye(*both, "resize")
        for running in both:
            running.send(b"q")
            assert running.wait_exit(WAIT_S) == 0


def start_in_tmux(driver: str, tmp_path: Path) -> PtyApp:
    config = tmp_path / "tmux.conf"
    config.write_text('set -g status off\nset -g escape-time 0\nset -ga terminal-overrides ",*:Tc"\n')
    command = (
        f"cd {ROOT}; COLORTERM=truecolor {sys.executable} -m tests.integration.ui.demanding_app {driver}"
    )
    argv = ["tmux", "-S", str(tmp_path / driver), "-f", str(config), "new-session", command]
    return PtyApp(argv, cols=100, rows=30)


def assert_same_to_the_eye(stock: PtyApp, diff: PtyApp, after: str) -> None:
    """Compare what can be seen: tmux forgets the text colour of blanks that were erased."""
    for running in (stock, diff):
        at_rest(running)
    deadline = time.monotonic() + WAIT_S
    while (ours := visible(diff)) != (theirs := visible(stock)):
        assert time.monotonic() < deadline or ours == theirs, f"screens differ after {after}"
        time.sleep(0.05)


def visible(app: PtyApp) -> list[list[tuple[object, ...]]]:
    return [
        [
            (
                cell.data,
                cell.bg,
                cell.underscore,
                cell.reverse,
                *((cell.fg, cell.bold) if cell.data.strip() else ()),
            )
            for cell in row
        ]
        for row in app.cells()
    ]
