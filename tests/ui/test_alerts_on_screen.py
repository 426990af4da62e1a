"""The terminal calls for a task that needs somebody, and not for the one that is looked at."""

from __future__ import annotations

from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from tasktui.domain.status import Attention
from tasktui.ui.alerts import Alert
from tasktui.ui.app import TasktuiApp
from tasktui.ui.screens.purge_dialog import PurgeDialog
from tests.ui.night import Night, eventually


def sent_by(app: TasktuiApp, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr(app._driver, "write", sent.append)
    return sent


async def one_needs_somebody(night: Night, name: str) -> str:
    task_id = await night.submit(name)
    await night.until(task_id, lambda row: row.attention is not Attention.NONE)
    return task_id


async def connected(app: TasktuiApp) -> None:
    await eventually(lambda: app._alerts is not None and app._alerts._waiting is not None, "it looked around")


async def selected(app: TasktuiApp, task_id: str) -> None:
    await eventually(lambda: app._interest is not None and app._interest.task_id == task_id, "the selection")


async def shown(app: TasktuiApp, pilot: Pilot[Any], number: int) -> None:
    await eventually(lambda: app.dashboard.list.window.total == number, "the list")
    await pilot.pause()


async def test_the_bell_rings_for_a_task_that_is_not_looked_at(
    quiet_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await one_needs_somebody(quiet_night, "refactor settings")
    app = TasktuiApp(quiet_night.connect, now=quiet_night.clock.now)
    async with app.run_test(size=(120, 35)) as pilot:
        await connected(app)
        await selected(app, first)
        sent = sent_by(app, monkeypatch)
        await one_needs_somebody(quiet_night, "fix flaky login test")
        await eventually(lambda: sent == ["\a"], "one bell")
        await shown(app, pilot, 2)
        assert sent == ["\a"]


async def test_the_task_that_is_looked_at_rings_only_when_the_terminal_is_left(
    quiet_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("TMUX", "STY", "VTE_VERSION"):
        monkeypatch.delenv(name, raising=False)
    task_id = await one_needs_somebody(quiet_night, "refactor settings")
    app = TasktuiApp(quiet_night.connect, now=quiet_night.clock.now, alert="desktop")
    async with app.run_test(size=(120, 35)) as pilot:
        await connected(app)
        await selected(app, task_id)
        sent = sent_by(app, monkeypatch)
        waiting = (await quiet_night.manager.get(task_id)).row
        assert app._alerts is not None
        app._call(app._alerts, (waiting,))
        assert sent == []
        app.post_message(events.AppBlur())
        await eventually(lambda: not app.app_focus, "the terminal is left")
        app._call(app._alerts, (waiting,))
        assert sent == ["\x1b]9;tasktui: refactor settings needs you\a"]
        await pilot.pause()


async def test_silence_is_silent(quiet_night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    app = TasktuiApp(quiet_night.connect, now=quiet_night.clock.now, alert="none")
    async with app.run_test(size=(120, 35)) as pilot:
        await connected(app)
        sent = sent_by(app, monkeypatch)
        await one_needs_somebody(quiet_night, "fix flaky login test")
        await shown(app, pilot, 1)
        assert "".join(sent) == ""


async def test_a_letter_where_a_digit_belongs_rings_only_for_who_wants_bells(
    quiet_night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = await one_needs_somebody(quiet_night, "refactor settings")
    ways: tuple[tuple[Alert, str], ...] = (("bell", "\a"), ("none", ""))
    for alert, heard in ways:
        app = TasktuiApp(quiet_night.connect, now=quiet_night.clock.now, alert=alert)
        async with app.run_test(size=(120, 35)) as pilot:
            await connected(app)
            app.push_screen(PurgeDialog([(await quiet_night.manager.get(task_id)).row]))
            await pilot.pause()
            sent = sent_by(app, monkeypatch)
            assert isinstance(app.focused, Input)
            monkeypatch.setattr(type(app), "is_headless", False)
            await pilot.press("x")
            assert "".join(char for text in sent for char in text if char == "\a") == heard
