"""What stands around a task: those it waits for, its place, its schedule, its runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tasktui.domain.amounts import duration
from tasktui.domain.facts import Facts
from tasktui.ui.task_words import clock_of, look
from tasktui.ui.waits import Wait, parents_of, waits_of
from tasktui.ui.widgets.detail.clock import day_and_clock
from tasktui.ui.widgets.detail.line import Line, line

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.records import StoredEvent
    from tasktui.domain.requests import Schedule
    from tasktui.domain.rows import TaskRow, UnixMs

MOST_RUNS: Final = 50
_BEGINS: Final = "task.started"
_ENDS: Final = ("task.requeued", "task.finished")
_LABEL: Final = 14


@dataclass(frozen=True, slots=True)
class Around:
    """What was read."""

    parents: Sequence[tuple[str, TaskRow | None]] = ()
    wait: Wait | None = None
    schedule: Schedule | None = None
    """None also where it recurs no more."""
    runs: Sequence[StoredEvent] = ()
    """How its runs began and ended."""


async def read_around(manager: Manager, row: TaskRow, now: UnixMs) -> Around:
    """Read it.

    Raises:
        TasktuiError: it cannot be read.
    """
    schedules = await manager.schedules() if row.schedule_id is not None else ()
    runs: Sequence[StoredEvent] = ()
    if row.run_no > 1 or row.retries:
        page = await manager.timeline(row.id, types=(_BEGINS, *_ENDS), limit=2 * MOST_RUNS)
        runs = page.items
    return Around(
        parents=await parents_of(manager, row) if row.depends_on.strip() else (),
        wait=(await waits_of(manager, [row], now)).get(row.id),
        schedule=next((one for one in schedules if one.schedule_id == row.schedule_id), None),
        runs=runs,
    )


def waiting_lines(row: TaskRow, around: Around, now: UnixMs) -> Iterator[tuple[str, str]]:
    """Yield what the task waits for, and what it recurs by."""
    yield "waits", around.wait.long if around.wait is not None else ""
    for at, (task_id, parent) in enumerate(around.parents):
        yield "after" if at == 0 else " ", _parent(task_id, parent)
    if row.schedule_id is None:
        return
    schedule = around.schedule
    if schedule is None:
        yield "schedule", f"{row.schedule_id}, which goes on no more"
    else:
        due = clock_of(schedule.next_at, now)
        yield "schedule", f"{row.schedule_id}, every {schedule.every}, next at {due}"


def run_lines(around: Around) -> Iterator[Line]:
    """Yield a line for each run, the first one first."""
    begun: dict[int, UnixMs] = {}
    told: dict[int, Line] = {}
    for event in around.runs:
        if event.type == _BEGINS:
            begun[event.run] = event.ts
            told[event.run] = _run(event.run, event.ts, "● running", "", "voice")
        elif event.run in begun:
            sign, role = _end(Facts(event.data))
            took = duration(event.ts - begun[event.run])
            told[event.run] = _run(event.run, begun[event.run], sign, took, role)
    if told:
        yield Line(())
        yield line(("runs", "head"), (f"  {len(told)}", "muted"))
        yield from told.values()


def _parent(task_id: str, parent: TaskRow | None) -> str:
    if parent is None:
        return f"? deleted    {task_id}"
    shown = look(parent)
    return f"{shown.glyph} {shown.word:<10} {parent.title}  {task_id}"


def _end(facts: Facts) -> tuple[str, str]:
    """How a run ended, and its colour."""
    status = facts.text("status") or facts.text("from_status")
    said = facts.text("evidence") or facts.text("policy")
    sign = "✓" if status == "completed" else "⊘" if status in {"canceled", "interrupted"} else "✗"
    again = ", then again" if facts.text("from_status") else ""
    word = {"completed": "done", "running": "ended"}.get(status, status.replace("_", " "))
    return f"{sign} {word}{f': {said}' if said else ''}{again}", "good" if sign == "✓" else "bad"


def _run(number: int, begun: UnixMs, how: str, took: str, role: str) -> Line:
    stamp = f"{day_and_clock(begun)}  {took:<8}"
    return line((f"{f'  run {number}':<{_LABEL}}", "muted"), (stamp, "plain"), (how, role), hang=_LABEL)
