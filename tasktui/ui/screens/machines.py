"""The machines of the list: how each stands, since when and why, what runs there; to connect, to look."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tasktui.domain.amounts import duration
from tasktui.domain.status import ACTIVE, Status
from tasktui.ui.host import host, keymap_of
from tasktui.ui.keymap import BY_ID, Context, bindings
from tasktui.ui.machines import several, summary
from tasktui.ui.screens.view import Rows, View
from tasktui.ui.text import fit, joined, safe_str
from tasktui.ui.widgets.detail.clock import clock

if TYPE_CHECKING:
    from textual.widget import Widget

    from tasktui.domain.hosted import HostState, ManyHosts
    from tasktui.domain.requests import ChangeSet
    from tasktui.domain.rows import UnixMs
    from tasktui.ui.app import TasktuiApp

TICK_S: Final = 1.0
_NAME: Final = 14
_JUST_MS: Final = 10_000
"""A machine that is there is asked so often at least."""
_ALONE: Final = "Only this machine is shown."
_HOW: Final = "`tasktui --host NAME --host NAME`, or `hosts` in the settings, shows several."
_SIGNS: Final = {"connected": "●", "connecting": "◌", "unreachable": "✗"}


class MachinesView(View):
    """A row for each machine."""

    NAME = "Hosts"
    CONTEXTS: ClassVar[tuple[Context, ...]] = ("rows", "machines", "views", "everywhere")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("machines")]

    def body(self) -> Iterable[Widget]:
        """The machines, and below them what the keys do."""
        yield Rows()
        yield Static(id="machine-keys")

    def on_mount(self) -> None:
        """Show them, and let ages go on."""
        super().on_mount()
        own = keymap_of(self)
        words = {"row.open": "its tasks", "host.again": "connect now"}
        keys = (f"{BY_ID[name].shown(own)[0]} {said}" for name, said in words.items())
        self.query_one("#machine-keys", Static).update(joined((" · ".join(keys), "dim")))
        self._show()
        self.set_interval(TICK_S, self._show)

    def apply(self, changes: ChangeSet) -> None:
        """Show how they stand now."""
        if changes.hosts is not None or changes.counts is not None:
            self._show()

    @property
    def _machines(self) -> ManyHosts | None:
        return several(host(self).manager)

    def _show(self) -> None:
        machines = self._machines
        if machines is None:
            self.say(_ALONE)
            self.rows.replace([Option(joined((_HOW, "dim")), disabled=True)])
            return
        states = machines.hosts()
        self.say(summary(states))
        now = host(self).now()
        self.rows.replace((_option(state, now) for state in states), keep=self.rows.chosen)

    @on(OptionList.OptionSelected)
    def _open(self, event: OptionList.OptionSelected) -> None:
        """List the tasks of one machine."""
        app = cast("TasktuiApp", self.app)
        self.dismiss()
        app.dashboard.add_class("-filtered")
        app.dashboard.filter.put(f"host:{event.option_id}")

    def action_host_again(self) -> None:
        """Connect to the machine now."""
        machines, name = self._machines, self.rows.chosen
        if machines is None or name is None:
            return
        state = next(state for state in machines.hosts() if state.host.name == name)
        if state.standing == "connected":
            self.notify(safe_str(f"{name} is connected."), markup=False)
        else:
            machines.try_again(name)
            self._show()


def _option(state: HostState, now: UnixMs) -> Option:
    return Option(joined(*_lines(state, now), separator="\n"), id=state.host.name)


def _lines(state: HostState, now: UnixMs) -> Iterator[Content]:
    yield joined(
        (f"{_SIGNS[state.standing]} ", "bold"),
        (fit(state.host.name, _NAME), "bold"),
        " ",
        (_standing(state, now), "" if state.standing == "connected" else "bold"),
        (f"  tasktui {state.version}" if state.version else "", "dim"),
    )
    if state.why and state.standing != "connected":
        yield joined((f"  {state.why}", "dim"))
    yield joined(_figures(state, now))
    yield joined("")


def _standing(state: HostState, now: UnixMs) -> str:
    """Since when it stands so, and when it is tried again."""
    if state.standing == "connected":
        silent = now - (state.answered_at or now)
        said = "just now" if silent < _JUST_MS else f"{duration(silent // 1000 * 1000)} ago"
        return f"connected since {clock(state.since)}, answered {said}"
    if state.standing == "connecting":
        return "connecting…"
    again = "trying now"
    if state.again_at is not None and state.again_at > now:
        again = f"next try in {math.ceil((state.again_at - now) / 1000)} s"
    return f"unreachable since {clock(state.since)}, {again}"


def _figures(state: HostState, now: UnixMs) -> Content:
    """What runs and waits there, and how old it is what is known of that."""
    if state.answered_at is None:
        return joined(("  it has not answered yet", "dim"))
    counts = state.counts
    shown = [
        (f"● {counts.of(*ACTIVE):,} running", True),
        (f"◌ {counts.of(Status.QUEUED):,} queued", True),
        (f"! {counts.needs_you:,} need you", counts.needs_you),
        (f"✓ {counts.of(Status.COMPLETED):,} done", True),
        (f"✗ {counts.of(Status.FAILED, Status.TIMED_OUT, Status.LOST):,} failed", True),
    ]
    words = " · ".join(text for text, matters in shown if matters)
    if state.standing == "connected":
        return joined(f"  {words}")
    return joined((f"  {duration((now - state.answered_at) // 1000 * 1000)} ago: ", "bold"), words)
