"""FAULTS 1 and 2 over our screens and commands: what a hostile task says stays text, wherever it is shown."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bench.pty import PtyApp
from tasktui.domain.errors import InvalidError
from tasktui.ui.keymap import TABLE, split
from tests.faults.corpus import PAYLOADS, VOCABULARY, foreign
from tests.faults.desks import ROOT, TASKTUI, dashboard, served, shows, submit, task, text, until

SCRIPT = Path(__file__).parent / "hostile_task.py"
TITLES = [text for text in PAYLOADS.values() if text.strip()]
BYTES_OF = {
    "enter": b"\r", "escape": b"\x1b", "tab": b"\t", "shift+tab": b"\x1b[Z", "space": b" ", "down": b"\x1b[B",
    "pagedown": b"\x1b[6~", "end": b"\x1b[F", "home": b"\x1b[H", "f1": b"\x1bOP",
}  # fmt: skip
LEAVES = {"quit", "suspend"}
OURS = VOCABULARY | {"OSC 52"}
"""With what we write to lend the terminal to a pager, and to copy: our own OSC 52 is of base64,
a payload's would show as its canary."""
LINES = frozenset({"CSI m", "U+000A", "U+000D", "CSI K"})
"""What a command may write to a terminal."""


def typed(key: str) -> bytes:
    """The bytes of a key as Textual names it."""
    if key.startswith("ctrl+"):
        return bytes([ord(key[5]) & 0x1F])
    return BYTES_OF.get(key) or key.encode()


def press(app: PtyApp, key: str) -> None:
    """Type a key and wait until the answer is drawn."""
    app.send(typed(key))
    app.wait_quiet(0.06 if key != "escape" else 0.15)


def hostile_tasks(home: Path) -> str:
    """Submit tasks with hostile titles, tags and programs that don't exist, and one that says everything."""
    for number, title in enumerate(TITLES):
        sayable = title.encode("utf-8", "replace").decode()
        with suppress(InvalidError):
            submit(home, [sayable.replace("\0", "")], name=sayable, tags=[f"t{number}"])
        word = "".join(char for char in sayable if char > " ")
        with suppress(InvalidError):
            submit(home, "true", name=sayable, tags=[word], lane=word, held=True)
    speaker = submit(home, [sys.executable, str(SCRIPT)], name="[@click=app.quit]speaker[/] list[int]")
    until(lambda: task(home, speaker)["attention"] == "input", what="the task asks")
    return speaker


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PtyApp]:
    home = tmp_path_factory.mktemp("hostile") / "home"
    # the person's own pager is not ours to judge, and any bell is then a task's
    with dashboard(home, cols=140, rows=40, env={"PAGER": "true", "TASKTUI_ALERT": "none"}) as opened:
        hostile_tasks(home)
        opened.wait_screen(shows("1 needs you"))
        opened.wait_quiet()
        yield opened


def check(app: PtyApp) -> None:
    assert app.process.poll() is None, "it ended"
    assert "The screen failed" not in text(app)
    assert foreign(app.bytes_since(), OURS) == []


@pytest.mark.xdist_group("hostile")
@pytest.mark.timeout(300)
def test_every_tab_of_a_task_that_says_everything(app: PtyApp) -> None:
    app.send(b"g")
    app.wait_screen(shows("[@click=app.quit]speaker[/] list[int]"))
    visit_tabs(app)
    check(app)


@pytest.mark.xdist_group("hostile")
@pytest.mark.timeout(300)
def test_every_key_and_what_it_opens(app: PtyApp) -> None:
    press(app, "g")
    for key in keys("list", "act", "answer", "views", "everywhere"):
        press(app, key)
        press(app, "escape")
    check(app)


@pytest.mark.xdist_group("hostile")
@pytest.mark.timeout(300)
def test_every_title_in_the_list_and_above_the_detail(app: PtyApp) -> None:
    press(app, "g")
    for _ in TITLES:
        app.send(b"jj")
        app.wait_quiet(0.04)
    check(app)


def keys(*contexts: str) -> list[str]:
    return [split(key.keys)[0] for key in TABLE if key.context in contexts and key.id not in LEAVES]


def visit_tabs(app: PtyApp) -> None:
    """Show all of each tab of the chosen task."""
    press(app, "enter")
    for number in "1234567":
        press(app, number)
        for key in ("g", "=", "pagedown", "pagedown", "W", "end"):
            press(app, key)
    for key in keys("detail"):
        press(app, key)
        press(app, "escape")
    press(app, "escape")


@pytest.mark.xdist_group("hostile")
@pytest.mark.timeout(300)
def test_the_narrow_screens_and_clicks_everywhere(app: PtyApp) -> None:
    """A click on markup that says `app.quit` or a link runs nothing."""
    for row in range(1, 39, 2):
        for column in (8, 30, 60, 100):
            app.send(b"\x1b[<0;%d;%dM\x1b[<0;%d;%dm" % (column, row, column, row))
        app.wait_quiet(0.04)
        if row % 8 == 1:
            press(app, "escape")
    check(app)
    app.resize(80, 24)
    app.wait_quiet()
    press(app, "g")
    visit_tabs(app)
    check(app)


@pytest.mark.timeout(300)
def test_commands_on_a_terminal(own_home: Path) -> None:
    with served(own_home):
        speaker = hostile_tasks(own_home)
        failed = submit(own_home, [TITLES[2]], name=TITLES[1])
        for words in commands(speaker, failed):
            with PtyApp([*TASKTUI, "--home", str(own_home), *words], cols=120, cwd=ROOT) as shown:
                assert shown.wait_exit() < 10, words
                assert foreign(shown.bytes_since(), LINES) == [], words
                assert len(shown.bytes_since()) > 20, words


def commands(speaker: str, failed: str) -> list[tuple[str, ...]]:
    """What prints what a task said."""
    return [
        ("ls",), ("show", speaker), ("show", failed), ("timeline", speaker), ("tools", speaker),
        ("logs", speaker), ("artifacts", speaker), ("search", "click"), ("stats",),
        ("show", TITLES[0]), ("ls", TITLES[3]), ("cancel", PAYLOADS["title by ST"]),
    ]  # fmt: skip
