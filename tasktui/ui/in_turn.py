"""Keys, pastes and clicks one after the other: each goes where those before it have led.

Textual gives a key to the widget that has the focus when the key arrives. Keys that arrive together, as they
do over a slow link, would all go there, though the first of them brings up what the others are meant for: `n`
and a command line would be a dozen commands to the list. So what is typed waits until that before it was
handled, and what it brings up has the keys.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from textual import events
from textual.app import App
from textual.errors import NoWidget

from tasktui.ui.dialogs import Leaving
from tasktui.ui.host import keymap_of
from tasktui.ui.keymap import Context, moving

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.message_pump import MessagePump
    from textual.screen import Screen
    from textual.worker import Worker

BRINGS_UP: Final = frozenset({"dialog", "menu", "attention", "marks"})
"""Groups of work that changes what the next key does."""
PATIENCE_S: Final = 3.0
"""What is typed waits so long; then it is left out, for it was meant for something that did not come."""
STUCK_S: Final = 10.0
"""What is typed waits so long for a part of the screen that does not go on."""
FOCUS_S: Final = 0.5
"""How long a new screen may take until one of its widgets has the keys; some have none."""
MOST: Final = 1000
"""Events that wait at most."""
LEFT_OUT: Final = "It took too long to come up: what was typed meanwhile is left out."
_ROUNDS: Final = range(2, 7)
"""At least so many and fewer than so many: a key goes from its widget up to the app, what it asks for to the
screen, the focus by the app again."""
_LOOK_S: Final = 0.005
_TAKEN: Final = (events.Key, events.Paste, events.MouseDown, events.MouseUp)


class InTurn(App[Leaving], inherit_bindings=False):
    """Takes what is typed one by one."""

    _busy = False
    """Whether something that was typed is on its way."""
    _line: tuple[events.Event, ...] = ()
    """What waits, the first first."""
    _moving: Mapping[Context, frozenset[str]] | None = None
    _settling: asyncio.Task[None] | None = None

    async def on_event(self, event: events.Event) -> None:
        """Take what is typed if nothing is under way, else put it behind the others."""
        if not isinstance(event, _TAKEN) or event.is_forwarded:
            await super().on_event(event)
        elif not self._busy:
            await self._take(event)
        elif len(self._line) < MOST:
            self._line = (*self._line, event)

    async def _take(self, event: events.Event) -> None:
        if self._stays(event):
            await super().on_event(event)
            return
        self._busy = True
        known, screen, way = set(self.workers), self.screen, _way(self._target(event))
        try:
            await super().on_event(event)
        finally:
            self._settling = asyncio.create_task(self._settle(screen, way, known), name="keys in turn")

    async def _take_next(self) -> None:
        self._busy = False
        while self._line and not self._busy:
            event, self._line = self._line[0], self._line[1:]
            await self._take(event)

    def _stays(self, event: events.Event) -> bool:
        """Whether it leads nowhere: it moves a cursor, or is a character for a field."""
        if not isinstance(event, events.Key):
            return False
        focused = self.focused
        if focused is not None and focused.check_consume_key(event.key, event.character):
            return True
        if self._moving is None:
            self._moving = moving(keymap_of(self))
        places: Sequence[Context] = getattr(focused, "contexts", ())
        return any(event.key in self._moving.get(place, ()) for place in places)

    def _target(self, event: events.Event) -> DOMNode:
        """Return to whom it goes."""
        if isinstance(event, events.MouseEvent):
            try:
                return self.get_widget_at(event.x, event.y)[0]
            except NoWidget:
                return self.screen
        return self.focused or self.screen

    async def _settle(self, screen: Screen[Any], way: Sequence[MessagePump], known: set[Worker[Any]]) -> None:
        """Wait until all is done that was asked for, as far as the next key is concerned."""
        try:
            async with asyncio.timeout(STUCK_S):
                await _handled(way)
                if not await self._came_up(screen, known):
                    self._leave_out()
                elif self.screen is not screen:
                    await self._focused()
                    came_at = getattr(self.screen, "came_at", 0.0)  # before that nobody had read it
                    self._line = tuple(event for event in self._line if event.time > came_at)
                elif self.focused not in way:
                    await _handled(_way(self.focused or screen))
        except TimeoutError:
            return  # a part of the screen that is stuck holds no key up for ever
        finally:
            if not self._line or not self.call_later(self._take_next):
                self._busy = False

    async def _came_up(self, screen: Screen[Any], known: set[Worker[Any]]) -> bool:
        """Wait for what work that began since brings up; return whether it came, or there is none."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_S
        while self.screen is screen and self._brings_up(known):
            if loop.time() >= until:
                return False
            await asyncio.sleep(_LOOK_S)
        return True

    def _leave_out(self) -> None:
        if self._line:
            self._line = ()
            self.notify(LEFT_OUT, severity="warning", markup=False)

    def _brings_up(self, known: set[Worker[Any]]) -> bool:
        """Whether work that began since may still change what the next key does."""
        begun = (worker for worker in self.workers if worker not in known and worker.group in BRINGS_UP)
        return any(not worker.is_finished for worker in begun)

    async def _focused(self) -> None:
        """Wait until a widget of the new screen has the keys."""
        loop = asyncio.get_running_loop()
        until = loop.time() + FOCUS_S
        await _handled(_way(self.screen))
        while self.focused is None and self.is_running and loop.time() < until:  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(_LOOK_S)


def _way(target: DOMNode) -> Sequence[MessagePump]:
    """Return through whom a key goes that nobody takes: the widget, what is around it, the app."""
    return cast("Sequence[MessagePump]", target.ancestors_with_self)


async def _handled(way: Sequence[MessagePump]) -> None:
    """Wait until these have handled what they were sent, and what that made them send to each other."""
    for turn in range(1, _ROUNDS.stop):
        for pump in way:
            await _reached(pump)
        if turn >= _ROUNDS.start and not any(pump.message_queue_size for pump in way):
            return


async def _reached(pump: MessagePump) -> None:
    """Wait until it has handled what it was sent before, or ends."""
    reached = asyncio.get_running_loop().create_future()
    if pump.is_running and pump.call_later(_reach, reached):
        while not reached.done() and pump.is_running:
            await asyncio.wait((reached,), timeout=0.1)


def _reach(reached: asyncio.Future[None]) -> None:
    if not reached.done():
        reached.set_result(None)
