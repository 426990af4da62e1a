"""How the dialogs look, at the three sizes and in their states."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tasktui.domain.spec import AgentWork, TaskSpec
from tasktui.domain.status import Kind, Status
from tasktui.ui.dialogs import Choice
from tasktui.ui.keymap import Context
from tasktui.ui.offers import AgentOffer
from tasktui.ui.screens.cancel_dialog import CancelDialog
from tasktui.ui.screens.help_dialog import HelpDialog
from tasktui.ui.screens.listing import SORTS
from tasktui.ui.screens.menu_dialog import MenuDialog
from tasktui.ui.screens.modal import Modal
from tasktui.ui.screens.new_task_dialog import NewTaskDialog
from tasktui.ui.screens.purge_dialog import PurgeDialog
from tasktui.ui.screens.quit_dialog import QuitDialog
from tasktui.ui.widgets.form_field import Tick
from tests.ui.conftest import Compare
from tests.ui.dialogs.asking import Asking, row

SIZES = {"80x24": (80, 24), "120x35": (120, 35), "200x50": (200, 50)}
ONE = (row(1, kind=Kind.AGENT, title="fix flaky login test", tool_calls=37, artifacts=4, interventions=1),)
MANY = (
    *ONE,
    row(2, title="run integration suite"),
    row(3, Status.QUEUED, title="port parser to rust"),
    row(4, kind=Kind.PYTHON, title="nightly index rebuild"),
    row(5, cancel_requested_at=1, title="try other cache"),
    row(6, Status.QUEUED, title="update changelog"),
    row(7, title="refactor settings"),
)
ENDS = (
    Status.COMPLETED,
    Status.COMPLETED,
    Status.FAILED,
    Status.CANCELED,
    Status.TIMED_OUT,
    Status.COMPLETED,
)
DONE = tuple(row(at, end, finished_at=1, artifacts=at, title=f"nightly {at}") for at, end in enumerate(ENDS))
PROMPT = "Fix the flaky login test.\nDon't touch session.py.\n\nRun the suite ten times."
AGENT = TaskSpec(
    work=AgentWork(preset="claude", prompt=PROMPT), cwd="/", timeout_s=1800, tags=("login", "flaky")
)
LANES = (Choice("gpu", "gpu", "2 of 2 run"), Choice("default", "default", "3 of 8 run"))

CANCELS: dict[str, Callable[[], Modal[Any]]] = {
    "one": partial(CancelDialog, ONE, False),
    "many": partial(CancelDialog, MANY, False),
    "force": partial(CancelDialog, ONE, True),
    "queued": partial(CancelDialog, MANY[2:3], False),
}
PURGES = {"asked": (), "wrong": ("5", "enter")}
MENUS = {"whole": (), "narrowed": ("l", "a"), "nothing": ("z", "z")}
WITH_ALL: tuple[Context, ...] = ("act", "answer", "views", "everywhere")
PLACES: dict[str, tuple[Context, ...]] = {"list": ("list", *WITH_ALL), "task": ("detail", *WITH_ALL)}
FORMS: dict[str, tuple[TaskSpec | None, tuple[str, ...]]] = {
    "empty": (None, ()),
    "wrong": (None, (*"make", "space", "'", *["tab"] * 7, "x", "tab", *"soon", "ctrl+j")),
    "agent": (AGENT, ()),
}


@pytest.fixture(autouse=True)
def _root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path("/"))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", CANCELS)
async def test_cancel(state: str, size: str, snap_compare: Compare) -> None:
    """Which tasks, a line of the ladder for each kind, what is kept; the focus is on Keep."""
    assert await snap_compare(Asking(CANCELS[state]), size=SIZES[size])


@pytest.mark.parametrize("size", SIZES)
async def test_quit(size: str, snap_compare: Compare) -> None:
    """Three ways, each with what it means; the first is chosen."""
    assert await snap_compare(Asking(partial(QuitDialog, 4)), size=SIZES[size])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", PURGES)
async def test_purge(state: str, size: str, snap_compare: Compare) -> None:
    """What goes, a field for the number, and a sentence below it when the number is wrong."""
    assert await snap_compare(Asking(partial(PurgeDialog, DONE)), press=PURGES[state], size=SIZES[size])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", MENUS)
async def test_menu(state: str, size: str, snap_compare: Compare) -> None:
    """Numbers, a dot at what holds, and above them what was typed."""
    app = Asking(partial(MenuDialog, "Sort by", SORTS, "finished"))
    assert await snap_compare(app, press=MENUS[state], size=SIZES[size])


@pytest.mark.parametrize("size", SIZES)
async def test_menu_with_hints(size: str, snap_compare: Compare) -> None:
    """Hints stand dim behind the labels."""
    assert await snap_compare(Asking(partial(MenuDialog, "Lane", LANES, "gpu")), size=SIZES[size])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("place", PLACES)
async def test_help(place: str, size: str, snap_compare: Compare) -> None:
    """Keys by group, in two columns where there is room; a star before the person's own."""
    own = {"task.cancel": "c"}
    assert await snap_compare(Asking(partial(HelpDialog, PLACES[place], own), own), size=SIZES[size])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", FORMS)
async def test_new_task(state: str, size: str, snap_compare: Compare) -> None:
    """Every field in sight; what is wrong stands in red below its field."""
    like, keys = FORMS[state]

    async def typed(pilot: Pilot[Any]) -> None:
        await pilot.app.workers.wait_for_complete()
        await pilot.press(*keys)
        await pilot.app.workers.wait_for_complete()

    assert await snap_compare(Asking(partial(NewTaskDialog, like)), before=typed, size=SIZES[size])


class _Offering(Asking):
    def agents(self) -> list[AgentOffer]:
        return [
            AgentOffer("codex", "Codex", installed=False, install="npm install -g @openai/codex"),
            AgentOffer("gemini", "Gemini CLI", installed=True),
        ]


@pytest.mark.parametrize("size", SIZES)
async def test_new_agent(size: str, snap_compare: Compare) -> None:
    """The fields of an agent: which one, what is known of it, model, mode, approval."""

    async def typed(pilot: Pilot[Any]) -> None:
        pilot.app.screen.query_one("#agent", Tick).value = True
        await pilot.press(*"fix", "space", *"the", "space", *"login", "space", *"test")
        await pilot.app.workers.wait_for_complete()

    assert await snap_compare(_Offering(partial(NewTaskDialog, None)), before=typed, size=SIZES[size])


@pytest.mark.parametrize("theme", ["ansi-dark", "textual-light"])
async def test_themes(theme: str, snap_compare: Compare) -> None:
    """Legible in the terminal's own sixteen colours, and on white."""
    app = Asking(partial(PurgeDialog, DONE))
    app.theme = theme
    assert await snap_compare(app, press=("5", "enter"))
