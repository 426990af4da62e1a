"""The app: wires the screens, the keys and the manager; decides nothing itself."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from textual import on, work
from textual.binding import BindingType

from tasktui.ui.connection import stay_connected
from tasktui.ui.feed import LIST_INTERVAL_S, PANE_INTERVAL_S, Outlet
from tasktui.ui.host import Notice, Reads, ShowsList, ShowsTask
from tasktui.ui.in_turn import InTurn
from tasktui.ui.keymap import Key, bindings, check
from tasktui.ui.linefilter import AsciiFilter, SafeFilter
from tasktui.ui.looking import Looking
from tasktui.ui.providers import actions, tasks
from tasktui.ui.screens.dashboard import Dashboard
from tasktui.ui.settling import DELAY_S, tune_collector
from tasktui.ui.styles import sheets
from tasktui.ui.themes import theme_named
from tasktui.ui.widgets.footer import Footer
from tasktui.ui.widgets.task_list import TaskList
from tasktui.ui.widgets.typed import Typed

if TYPE_CHECKING:
    from pathlib import Path

    from textual.command import Provider
    from textual.driver import Driver
    from textual.filter import LineFilter
    from textual.screen import Screen
    from textual.types import AnimationLevel

    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.requests import ChangeSet, Interest
    from tasktui.domain.rows import UnixMs
    from tasktui.ui.alerts import Alert
    from tasktui.ui.exporting import Export
    from tasktui.ui.first_page import FirstPage
    from tasktui.ui.offers import AgentOffer

WIDTHS: Final = [(0, "-tiny"), (80, "-narrow"), (120, "-normal"), (180, "-wide")]
HEIGHTS: Final = [(0, "-short"), (24, "-std"), (40, "-tall")]
Glyphs = Literal["unicode", "ascii"]
_TO_THE_ROW: Final = frozenset({"task.open", "task.again", "mark", "mark.range"})


class TasktuiApp(InTurn, Looking):
    """A control room for background work; ends with what is to become of the work."""

    TITLE = "tasktui"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {actions, tasks}
    CSS_PATH = sheets("app", "dashboard")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("everywhere", "views", "act", "answer")]
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS

    def __init__(
        self,
        connect: Callable[[], Awaitable[Manager]],
        *,
        first: Callable[[], FirstPage] | None = None,
        theme: str = "dark",
        keymap: Mapping[str, str] | None = None,
        filters: Mapping[str, str] | None = None,
        glyphs: Glyphs = "unicode",
        animation: AnimationLevel | None = None,
        alert: Alert = "bell",
        agents: Callable[[], Sequence[AgentOffer]] = tuple,
        notice: Notice | None = None,
        readonly: bool = False,
        where: str = "",
        elsewhere: Callable[[], str | None] = lambda: None,
        export: Export | None = None,
        temporary: Path | None = None,
        driver_class: type[Driver] | None = None,
        now: Callable[[], UnixMs] | None = None,
    ) -> None:
        """Make the app.

        Args:
            connect: Opens or attaches a manager; called again after a disconnection.
            first: Reads what the first frame shows, quickly and without importing much.
            theme: Short or full name.
            keymap: The person's own keys, by action id.
            filters: Saved filters by name.
            glyphs: Whether signs are drawn in ASCII.
            animation: How much moves; None: what Textual's own variable says.
            alert: How a person is called to a task that needs one.
            agents: Looks up which coding agents can be started.
            notice: What a person has to be told once.
            readonly: Whether keys that change something say so instead.
            where: The name of the machine that is shown, when that is another one.
            elsewhere: Where new tasks begin when they run on another machine; None: on this one.
            export: Writes tasks to a file; None: their data is on another machine.
            temporary: Where files for the person's own programs go; None: where the system keeps such.
            driver_class: How frames reach the terminal; None: Textual's way.
            now: The wall time, in milliseconds.

        Raises:
            ConfigError: no such theme; an unknown action or a clash in the keymap.
        """
        super().__init__(driver_class)
        self._connect_to = connect
        self._first = first
        self._clock = now or (lambda: time.time_ns() // 1_000_000)
        self.keymap = dict(keymap or {})
        check(self.keymap)
        self.set_keymap(self.keymap)
        self.filters = dict(filters or {})
        self.notice = notice
        self.typed = Typed()
        self.readonly = readonly
        self.alert = alert
        self.agents = agents
        self.where = where
        self.elsewhere = elsewhere
        self.export = export
        self._ascii = glyphs == "ascii"
        self.animation_level = animation or self.animation_level
        self.theme = theme_named(theme, self.available_themes)
        self._follows = False
        self.temporary = temporary or self.temporary
        self._to_list = Outlet(self, self._list_changed, LIST_INTERVAL_S, self._waits)
        self._to_pane = Outlet(self, self._pane_changed, PANE_INTERVAL_S, self._waits)

    def now(self) -> UnixMs:
        """Return the wall time by which ages count."""
        return self._clock()

    def get_default_screen(self) -> Screen[Any]:
        """Return the dashboard, which lies below everything."""
        size = self.size
        classes = (_step(size.width, WIDTHS), _step(size.height, HEIGHTS))
        return Dashboard(self.keymap, self._first, classes=classes)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Let nothing through that a terminal would obey, and in ASCII no glyph that it may lack."""
        own = [SafeFilter(), AsciiFilter()] if self._ascii else [SafeFilter()]
        return [*super().get_line_filters(), *own]

    @property
    def dashboard(self) -> Dashboard:
        """The screen below all others."""
        screen = self.screen_stack[0]
        if not isinstance(screen, Dashboard):
            raise TypeError(f"{screen} is no dashboard")
        return screen

    def on_ready(self) -> None:
        """Do what the first frame did without, once it is out."""
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        if self.is_running and self.dashboard.is_attached and not self._follows:
            await self.dashboard.complete()
            self._follows = True
            self._follow()
            if not self.is_headless:
                self.set_timer(DELAY_S, tune_collector)

    # The manager. What it says is handled by the screens' own loops: a failure there is a screen's.
    # While the app ends there are no screens any more, and nobody to tell.

    @work(exclusive=True, group="connection")
    async def _follow(self) -> None:
        await stay_connected(self._connect_to, self)

    def connected(self, manager: Manager, interest: Interest) -> None:
        """Show what this manager has."""
        if not self.is_running:
            return
        self.manager, self._interest = manager, interest
        self.watch_people(manager)
        for screen in self.screen_stack:
            if isinstance(screen, Reads):
                screen.call_later(screen.connected)

    def changed(self, changes: ChangeSet) -> None:
        """Hand changes on, not too often."""
        if not self.is_running:
            return
        self.call_people(changes)
        self._to_list.put(changes)
        self._to_pane.put(changes)

    def found_again(self, manager: Manager) -> None:
        """Say once who has the tasks now."""
        if self.is_running:
            self.watch_people(manager)
            self.dashboard.call_later(self.dashboard.found_again)

    def disconnected(self, why: str) -> None:
        """Say so; what was read stays in sight."""
        self.manager = None
        if self.is_running:
            self.dashboard.call_later(self.dashboard.disconnected, why)

    @property
    def looked_at(self) -> str | None:
        """The task whose events and output are followed."""
        return None if self._interest is None else self._interest.task_id

    def look_at(self, task_id: str | None) -> None:
        """Follow this task's events and output from now on."""
        if self._interest is not None:
            self._interest.task_id = task_id

    def _list_changed(self, changes: ChangeSet) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, ShowsList):
                screen.call_later(screen.apply, changes)

    def _pane_changed(self, changes: ChangeSet) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, ShowsTask):
                screen.call_later(screen.apply_to_task, changes)

    def _is_behind(self) -> bool:
        """Whether the terminal has not taken yet what was drawn, where the driver knows."""
        return int(getattr(self._driver, "backlog", 0)) > 0

    def _waits(self) -> bool:
        """While the cursor moves, the list changes between keys; the pane waits, for its task was left."""
        if self._is_behind():
            return True
        shown = next(iter(self.screen_stack[-1:]), None)
        return isinstance(shown, Dashboard) and shown.is_complete and shown.list.is_moving

    @on(TaskList.Breath)
    def _between_keys(self) -> None:
        if not self._is_behind():
            self._to_list.hurry()

    # Keys and clicks

    @on(Footer.Pressed)
    async def _pressed(self, event: Footer.Pressed) -> None:
        await self.run_key(event.key)

    async def run_key(self, key: Key) -> None:
        """Do what a key of the table does, from the palette or the footer; of the dashboard, there.

        What is done to the task under its cursor is not done to one that nobody sees.
        """
        if await self._run_active(key) or len(self.screen_stack) == 1:
            return
        if key.context == "options" or key.id in _TO_THE_ROW:
            self.tell("That is for a task of the list. Go there first.")
            return
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        await self._run_active(key)

    async def _run_active(self, key: Key) -> bool:
        self.dashboard.focus_for(key.context)
        for active in self.screen.active_bindings.values():
            if active.binding.id == key.id:
                for node in active.node.ancestors_with_self:
                    if await self.run_action(active.binding.action, node):
                        return True
        return False

    async def start_over(self, why: str) -> None:
        """Put a new dashboard in the place of all screens, as a mode: the failed one cannot be left."""
        self.faults.starts += 1
        failed, fresh = self.current_mode, f"start {self.faults.starts}"
        chosen = self.dashboard.selected
        self.add_mode(fresh, self.get_default_screen)
        await self.switch_mode(fresh)
        await self.dashboard.complete()
        if failed != "_default":
            await self.remove_mode(failed)
        self.dashboard.list.row = chosen
        self.dashboard.say_fault(why)
        if self.manager is not None:
            self.dashboard.connected()
        elif not self._follows:
            # it failed before it was connected for the first time
            await self._begin()


def _step(cells: int, steps: Sequence[tuple[int, str]]) -> str:
    """The class of a size: that of the highest step it reaches."""
    return [name for least, name in steps if cells >= least][-1]
