"""When an app has handled all that it was given."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from textual._context import active_app
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.screen import Screen

PASSES = 8
"""In so many turns of the loop after each other nothing may be under way: a key comes by two of them."""
TICKS = 40
"""Milliseconds, at least, that a screen has for its painting: a frame comes every 17."""
LONGEST_S = 45.0


def instead_of_idleness(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pilots press keys on a screen at rest, and go on when they are handled, on a busy machine, too.

    Textual takes a process for idle that used no CPU for 20 ms. So does one that was not let to run.
    """
    press = Pilot.press

    async def at_rest(pilot: Pilot[Any], *keys: str) -> None:
        await handled()
        await press(pilot, *keys)

    monkeypatch.setattr(Pilot, "press", at_rest)
    for module in ("app", "pilot"):
        monkeypatch.setattr(f"textual.{module}.wait_for_idle", handled)


async def handled(*_bounds: float) -> None:
    """Wait until every part of the app that is tested waits for its next message, and all is painted."""
    app, began, idle, ticks = active_app.get(), time.monotonic(), 0, 0
    while idle < PASSES and app._running and not app._exception:
        at_work = [pump for pump in (app, *app._registry) if pump._running and not _waits(pump)]
        assert not at_work or time.monotonic() - began < LONGEST_S, f"still at work: {at_work}"
        idle += 1
        if at_work:
            idle = 0
        elif ticks < TICKS and app._screen_stack and _is_unpainted(app.screen):
            idle, ticks = 0, ticks + 1
            app.screen.check_idle()
        await asyncio.sleep(0 if idle else 0.001)


def _waits(pump: MessagePump) -> bool:
    """Whether it stands at its empty queue."""
    queue = pump._message_queue
    asks = any(not asking.done() for asking in queue.ready_event._waiters)
    return asks and queue.empty() and not pump._next_callbacks


def _is_unpainted(screen: Screen[Any]) -> bool:
    """Whether it will be painted at its next tick, or call something then."""
    due = (
        screen._layout_required,
        screen._scroll_required,
        screen._repaint_required,
        screen._recompose_required,
    )
    waits = any(due) or bool(screen._dirty_widgets)
    return bool(screen._callbacks) or (waits and screen.is_current and not screen.app._batch_count)
