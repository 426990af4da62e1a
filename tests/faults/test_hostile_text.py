"""FAULTS 1 and 2: hostile text reaches no terminal and no parser, whichever standard widget shows it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from bench.pty import PtyApp
from tasktui.domain.clean import clean, clean_output, decode, split_lines
from tests.faults.corpus import (
    BYTES,
    CONTROLS,
    ESCAPES,
    FILE_NAMES,
    MARKUP,
    PAYLOADS,
    VOCABULARY,
    foreign,
    parse_emitted,
)
from tests.faults.gallery import TEXTS, Gallery

ROOT = Path(__file__).parents[2]
HARMLESS_BY_THEMSELVES = {"colour", "carriage return", "escape at the end"}
NEXT, QUIT = b"\x1bOQ", b"\x1bOR"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("driver", ["stock", "diff"])
@pytest.mark.feature(154)
def test_no_widget_emits_anything_of_its_own(driver: str) -> None:
    argv = [sys.executable, "-m", "tests.faults.gallery", driver]
    with PtyApp(argv, cols=100, rows=60, cwd=ROOT) as app:
        app.first_frame(5)
        for index in range(len(TEXTS)):
            app.send(NEXT)
            app.wait_screen(lambda lines, title=f"payload {index}": any(title in line for line in lines))
        app.wait_quiet()
        assert foreign(app.bytes_since()) == []
        app.send(QUIT)
        assert app.wait_exit() == 0
        assert foreign(app.bytes_since(), VOCABULARY) == []


@pytest.mark.parametrize("name", sorted(MARKUP))
@pytest.mark.feature(154)
async def test_markup_is_drawn_and_runs_nothing(name: str) -> None:
    app = Gallery()
    async with app.run_test(size=(100, 80)) as pilot:
        await app.show(MARKUP[name])

        def is_shown() -> bool:
            return any(MARKUP[name] in strip.text for strip in app.screen._compositor.render_strips())

        async with asyncio.timeout(30):
            while not is_shown():
                await pilot.pause(0.02)
        for line in range(2, 60, 8):
            await pilot.click(offset=(4, line))
        assert app.is_running
        assert not app.attacked


@pytest.mark.parametrize("name", sorted({**ESCAPES, **CONTROLS}.keys() - HARMLESS_BY_THEMSELVES))
def test_the_detector_sees_each_attack(name: str) -> None:
    assert foreign(PAYLOADS[name].encode("utf-8", "surrogatepass") + b" ")


def test_the_detector_knows_shapes() -> None:
    assert parse_emitted(b"\x1b[1;31mx\x1b[0m\x1b[?25l\x1b]52;c;aa\x07\xff\xe2\x80\xae") == {
        "CSI m": 2,
        "CSI ?25l": 1,
        "OSC 52": 1,
        "invalid UTF-8": 1,
        "U+202E": 1,
    }


@pytest.mark.parametrize("name", sorted(BYTES))
def test_streams_become_harmless_lines(name: str) -> None:
    text = decode(BYTES[name])
    for shown in (clean(text), *clean_output(text).split("\n"), *split_lines(text)):
        assert foreign(shown.encode()) == []
        assert "\n" not in shown
        assert "\r" not in shown


@pytest.mark.parametrize("name", sorted(FILE_NAMES))
def test_file_names_stay_one_harmless_line(name: str) -> None:
    shown = clean(FILE_NAMES[name].decode("utf-8", "surrogateescape"))
    assert shown
    assert foreign(shown.encode()) == []
    assert "\n" not in shown
