"""How much there is of everything, the lanes with their limits, and what the last day came to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual import on, work
from textual.binding import BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tasktui.domain.amounts import duration, size, tokens
from tasktui.domain.errors import TasktuiError
from tasktui.domain.status import ACTIVE, Status
from tasktui.ui.figures import Day, bars, gauge, last_day
from tasktui.ui.host import host, keymap_of
from tasktui.ui.keymap import BY_ID, Context, bindings
from tasktui.ui.machines import several
from tasktui.ui.rereading import Rereading, Turn
from tasktui.ui.screens.view import Rows, View
from tasktui.ui.task_words import clock_of
from tasktui.ui.text import fit, joined

if TYPE_CHECKING:
    from textual.widget import Widget

    from tasktui.domain.requests import LaneState, Schedule, Stats
    from tasktui.domain.rows import UnixMs
    from tasktui.ui.app import TasktuiApp

REREAD_S: Final = 2.0
"""Between two looks at the figures, while they are shown."""
DAY_EVERY: Final = 15
"""Looks until the last day is added up again."""
_NAME: Final = 18
_GAUGE: Final = 10
_LABEL: Final = 12
_MOST_SCHEDULES: Final = 12


class FiguresView(View):
    """Counts, lanes and the last day; a lane's limit is changed here."""

    NAME = "Figures"
    CONTEXTS: ClassVar[tuple[Context, ...]] = ("rows", "lanes", "views", "everywhere")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("lanes")]

    def __init__(self) -> None:
        super().__init__()
        self._stats: Stats | None = None
        self._schedules: Sequence[Schedule] = ()
        self._day: Day | None = None
        self._looks = 0
        self._reading = Rereading()
        self._asked: dict[str, int] = {}
        """Limits on their way: the next key counts from there, not from what was read before."""
        self._on_the_way = 0

    def body(self) -> Iterable[Widget]:
        """The lanes, and what needs no key."""
        lanes = Vertical(Static(id="lane-head"), Rows(), Static(id="lane-keys"), id="lanes")
        yield Container(lanes, VerticalScroll(Static(id="sums"), id="sums-place"), id="figures")

    def on_mount(self) -> None:
        """Read now, and again while it is shown."""
        super().on_mount()
        self.query_one("#lanes").border_title = joined("Lanes")
        self.query_one("#sums-place").border_title = joined("Tasks")
        self.query_one("#lane-head", Static).update(joined((_HEAD, "dim")))
        own = keymap_of(self)
        words = {
            "row.open": "its tasks",
            "lane.more": "more at once",
            "lane.less": "fewer",
            "lane.stop": "pause or continue",
        }
        keys = (f"{BY_ID[name].shown(own)[0]} {said}" for name, said in words.items())
        self.query_one("#lane-keys", Static).update(joined((" · ".join(keys), "dim")))
        self._read()
        self.set_interval(REREAD_S, self._look)

    def _look(self) -> None:
        """Read again, unless the last reading still goes on: begun anew it would never come to its end."""
        if not self._reading.busy:
            self._read()

    def _read(self) -> None:
        self._read_all(self._reading.anew())

    @work(exclusive=True, group="figures")
    async def _read_all(self, turn: Turn) -> None:
        await self._reading.until_read(turn, self._read_once)

    async def _read_once(self) -> None:
        manager = host(self).manager
        if manager is None:
            self.say("Not connected.")
            return
        try:
            self._stats = await manager.stats()
            self._schedules = await manager.schedules()
            if self._looks % DAY_EVERY == 0:
                self._day = await last_day(manager, host(self).now())
            self._looks += 1
        except TasktuiError as problem:
            self.say(problem.message)
            return
        if not self._on_the_way:
            self._asked.clear()
        self._show(self._stats)

    def _show(self, stats: Stats) -> None:
        process = f" · process {stats.pid}" if stats.pid else ""
        self.say(f"up {duration(stats.uptime_s * 1000)}{process}")
        self.rows.replace(
            (Option(_lane_row(lane), id=lane.lane) for lane in stats.lanes), keep=self.rows.chosen
        )
        recurring = _recurring(self._schedules, host(self).now())
        groups = (_counts(stats), recurring, _of_day(self._day), _house(stats))
        sums = [line for group in groups for line in _apart(group)]
        self.query_one("#sums", Static).update(Content("\n").join(sums))

    # Keys

    @property
    def chosen(self) -> LaneState | None:
        """The lane under the cursor."""
        lanes = self._stats.lanes if self._stats else ()
        return next((lane for lane in lanes if lane.lane == self.rows.chosen), None)

    @on(OptionList.OptionSelected)
    def _opened(self, event: OptionList.OptionSelected) -> None:
        """Show the lane's tasks in the list."""
        app = cast("TasktuiApp", self.app)
        self.dismiss()
        app.dashboard.add_class("-filtered")
        app.dashboard.filter.put(self._terms(str(event.option_id)))

    def _terms(self, lane: str) -> str:
        """What lists the tasks of a lane; of several machines' lanes each has its machine in front."""
        name, slash, own = lane.partition("/")
        return f"host:{name} lane:{own}" if slash and several(host(self).manager) else f"lane:{lane}"

    def action_lane_more(self) -> None:
        """Let one more run at the same time."""
        self._limit(1)

    def action_lane_less(self) -> None:
        """Let one fewer run at the same time; what runs goes on."""
        self._limit(-1)

    def _limit(self, change: int) -> None:
        lane = self.chosen
        if lane is None:
            return
        limit = self._asked.get(lane.lane, lane.limit) + change
        if limit < 1:
            self.notify("A lane runs at least one task. To stop it, pause it.")
        else:
            self._asked[lane.lane] = limit
            self._set(lane.lane, limit=limit)

    def action_lane_stop(self) -> None:
        """Start nothing more from this lane, or go on."""
        lane = self.chosen
        if lane is not None:
            self._set(lane.lane, paused=not lane.paused)

    @work(group="set lane")
    async def _set(self, lane: str, *, limit: int | None = None, paused: bool | None = None) -> None:
        manager = host(self).manager
        if manager is None:
            self.say("Not connected.")
            return
        self._on_the_way += 1
        try:
            await manager.set_lane(lane, limit=limit, paused=paused)
        except TasktuiError as problem:
            self._asked.pop(lane, None)
            self.say(problem.message)
            return
        finally:
            self._on_the_way -= 1
        self._read()


_HEAD: Final = f"{'lane':<{_NAME}} {'running':>9} {'':<{_GAUGE}} queued"


def _lane_row(lane: LaneState) -> Content:
    held = f"{lane.running} of {lane.limit}"
    queued = f"{lane.queued:,}" if lane.queued else "-"
    return joined(
        fit(lane.lane, _NAME),
        (f" {held:>9} ", "bold"),
        (gauge(lane.running, lane.limit, _GAUGE), "dim"),
        f" {queued:<6}",
        (" ‖ paused" if lane.paused else "", "bold"),
    )


def _line(label: str, words: str) -> Content:
    return joined((f"{label:<{_LABEL}}", "dim"), words)


def _counts(stats: Stats) -> Iterable[Content]:
    counts = stats.counts
    held = f"   ‖ {counts.held:,} held" if counts.held else ""
    waiting = f"● {counts.of(*ACTIVE):,} running   ◌ {counts.of(Status.QUEUED):,} queued{held}"
    failed = counts.of(Status.FAILED, Status.TIMED_OUT, Status.LOST)
    canceled = counts.of(Status.CANCELED, Status.INTERRUPTED)
    yield _line("now", waiting)
    if counts.needs_you:
        yield _line("need you", f"! {counts.needs_you:,}")
    yield _line(
        "ended", f"✓ {counts.of(Status.COMPLETED):,} done   ✗ {failed:,} failed   ⊘ {canceled:,} canceled"
    )
    yield _line("archived", f"{counts.archived:,}")


def _apart(group: Iterable[Content]) -> Sequence[Content]:
    lines = tuple(group)
    return (*lines, joined("")) if lines else ()


def _recurring(schedules: Sequence[Schedule], now: UnixMs) -> Iterable[Content]:
    if schedules:
        yield joined(("Recurring", "bold"))
    for one in schedules[:_MOST_SCHEDULES]:
        yield joined(
            (f"{clock_of(one.next_at, now):<{_LABEL}}", "dim"), one.title, (f"  every {one.every}", "dim")
        )
    if len(schedules) > _MOST_SCHEDULES:
        yield joined((f"and {len(schedules) - _MOST_SCHEDULES:,} more: tasktui schedules", "dim"))


def _of_day(day: Day | None) -> Iterable[Content]:
    if day is None:
        return
    bound = "" if day.whole else f" (the newest {day.ended:,})"
    yield joined(("Last 24 hours", "bold"), bound)
    if not day.ended:
        yield joined(("No task has ended.", "dim"))
        return
    yield _line("per hour", f"{bars(day.per_hour)}▏most {max(day.per_hour):,}, now {day.per_hour[-1]:,}")
    share = f"{100 * day.completed // day.ended}% done"
    ends = f"✓ {day.completed:,}   ✗ {day.failed:,}   ⊘ {day.canceled:,}   {share}"
    yield _line("ended", ends)
    for took in day.took:
        times = f"half within {duration(took.p50_ms)}, 95% within {duration(took.p95_ms)}"
        yield _line(took.kind.value, f"{took.number:,} · {times}")
    if day.tokens_in or day.tokens_out:
        yield _line("tokens", f"{tokens(day.tokens_in)} in, {tokens(day.tokens_out)} out")
    if day.cost_usd:
        yield _line("cost", f"${day.cost_usd:,.2f}")


def _house(stats: Stats) -> Iterable[Content]:
    yield joined(("Database", "bold"))
    yield _line("events", f"{stats.events:,}")
    yield _line("size", size(stats.database_bytes))
    if stats.late_events:
        yield _line("late events", f"{stats.late_events:,}")
    if stats.gaps:
        yield _line("gaps", f"{stats.gaps:,} sent to slow readers")
    if stats.degraded:
        yield joined((stats.degraded, "bold"))
