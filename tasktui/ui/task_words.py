"""What a row says about its task: glyph, word, age and outcome, in plain words."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Final

from tasktui.domain.amounts import duration
from tasktui.domain.rows import TaskRow, UnixMs
from tasktui.domain.status import Attention, Group, Reason, Status

GROUP_WORDS: Final = {
    Group.NEEDS_YOU: "NEEDS YOU",
    Group.RUNNING: "RUNNING",
    Group.QUEUED: "QUEUED",
    Group.FINISHED: "FINISHED",
}
"""Headings of the list's sections."""

_SECOND: Final = 1000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE
_YEAR: Final = 300 * 24 * _HOUR
_BAR: Final = 8
_SHORT: Final = 13
"""Characters of an id that tell tasks apart."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a status is shown; never by colour alone."""

    glyph: str
    word: str
    style: str
    """Name of the list's component class, without its prefix."""


_LOOKS: Final = {
    Status.QUEUED: Look("◌", "queued", "queued"),
    Status.DISPATCHED: Look("▷", "sent", "running"),
    Status.RUNNING: Look("●", "running", "running"),
    Status.COMPLETED: Look("✓", "done", "completed"),
    Status.FAILED: Look("✗", "failed", "failed"),
    Status.CANCELED: Look("⊘", "canceled", "canceled"),
    Status.TIMED_OUT: Look("✗", "timed out", "failed"),
    Status.INTERRUPTED: Look("⊘", "interrupted", "canceled"),
    Status.LOST: Look("?", "lost", "failed"),
}
_STOPPING: Final = Look("⊘", "stopping…", "stopping")
_HELD: Final = Look("‖", "held", "queued")
_PAUSED: Final = Look("‖", "paused", "stopping")
_UNHEARD: Final = Look("○", "not heard of", "unheard")
_ASKS: Final = {
    Attention.APPROVAL: Look("!", "approval", "needs"),
    Attention.INPUT: Look("?", "question", "needs"),
}
_ENDS: Final = {
    Reason.COMPLETED_WITH_ERRORS: "with errors",
    Reason.SPAWN_FAILED: "did not start",
    Reason.EXECUTOR_CRASH: "executor crash",
    Reason.BAD_RESULT: "bad result",
    Reason.CANCELED_BEFORE_START: "before start",
    Reason.CANCELED_AFTER_COMPLETION: "canceled late",
    Reason.CANCEL_FORCED: "killed",
    Reason.WALL_TIMEOUT: "timeout",
    Reason.IDLE_TIMEOUT: "idle timeout",
    Reason.QUEUE_TIMEOUT: "queue timeout",
    Reason.DEPENDENCY_FAILED: "parent failed",
    Reason.PROCESS_RESTART: "restart",
    Reason.RECOVERY_EXHAUSTED: "gave up",
    Reason.BUDGET_EXCEEDED: "over budget",
}


def look(row: TaskRow) -> Look:
    """Return how the task's status is shown."""
    if row.unheard_since is not None:
        return replace(_LOOKS[row.status], style="unheard") if row.finished_at is not None else _UNHEARD
    if row.stopping:
        return _STOPPING
    if row.group is Group.NEEDS_YOU:
        return _ASKS[row.attention]
    if is_paused(row):
        return _PAUSED
    return _HELD if row.held and row.status is Status.QUEUED else _LOOKS[row.status]


def is_paused(row: TaskRow) -> bool:
    """Whether running work stands still until a person lets it go on."""
    return row.paused_at is not None and row.finished_at is None


def ticks(row: TaskRow) -> bool:
    """Whether the task's age changes every second."""
    return row.group in {Group.RUNNING, Group.NEEDS_YOU} and row.unheard_since is None


def age(row: TaskRow, now: UnixMs) -> str:
    """Return how long the task runs or waits, or how long ago it ended, in at most six characters."""
    if row.finished_at is not None:
        return _coarse(now - row.finished_at)
    now = row.unheard_since or now
    if row.group is Group.QUEUED:
        return _coarse(now - row.created_at)
    return elapsed(now - (row.started_at or row.status_since))


def elapsed(milliseconds: int) -> str:
    """Return a length of time that is told anew every second: `4s`, `4m12s`; none is less than nothing."""
    return duration(milliseconds) if milliseconds >= 10 * _SECOND else f"{max(0, milliseconds) // _SECOND}s"


def outcome(row: TaskRow, width: int, now: UnixMs, waits: str = "") -> str:
    """Return in about `width` characters how far the task is, what it waits for or how it ended.

    Args:
        row: the task.
        width: cells there are.
        now: the instant from which it is told.
        waits: what keeps it from starting, where the row alone does not say it.
    """
    if row.finished_at is not None:
        return ended(row, width)
    if row.unheard_since is not None:
        return unheard(row.unheard_since, width, now)
    if row.group is Group.QUEUED and not row.stopping:
        return waits_for(row, width, now) or waits or _in_queue(row, width)
    return _open_outcome(row, width)


def _open_outcome(row: TaskRow, width: int) -> str:
    if row.stopping:
        return "stopping… by force" if row.cancel_forced and width > _BAR * 2 else _STOPPING.word
    if row.group is Group.NEEDS_YOU:
        return look(row).word
    if is_paused(row):
        return f"{_PAUSED.word} {progress(row, width - len(_PAUSED.word) - 1)}".rstrip()
    return progress(row, width) or row.status_text or look(row).word


def ended(row: TaskRow, width: int = 80) -> str:
    """Return how a finished task ended, in two or three words."""
    if (
        row.status is Status.FAILED
        and row.terminal_reason is Reason.EXIT_NONZERO
        and row.exit_code is not None
    ):
        return f"exit {row.exit_code}"
    if row.terminal_reason is Reason.CANCELED and row.cancel_requested_by:
        by = f"canceled by {row.cancel_requested_by}"
        return by if len(by) <= width else look(row).word
    word = _ENDS.get(row.terminal_reason) if row.terminal_reason else None
    return word or look(row).word


def unheard(since: UnixMs, width: int, now: UnixMs) -> str:
    """Return how old it is what a row says whose machine does not answer."""
    old = _coarse(now - since)
    words = f"last heard of {'just now' if old == 'now' else f'{old} ago'}"
    return words if len(words) <= width else f"heard {old}"


def progress(row: TaskRow, width: int) -> str:
    """Return a bar with checks or percents, or nothing when neither was reported."""
    part, figures = _part(row)
    if part is None:
        return ""
    bar = bar_of(part) if width >= _BAR + 1 + len(figures) else ""
    room = width - len(bar) - len(figures) - 2
    phase = f" {row.progress_phase}" if row.progress_phase and room >= len(row.progress_phase) else ""
    return f"{bar} {figures}{phase}".lstrip()


def bar_of(part: float, cells: int = _BAR) -> str:
    """Return a bar of which this part, 0 to 1, is filled."""
    filled = round(min(1.0, max(0.0, part)) * cells)
    return "▓" * filled + "░" * (cells - filled)


def _part(row: TaskRow) -> tuple[float | None, str]:
    if row.progress_total:
        current = row.progress_current or 0
        return current / row.progress_total, f"{current:g}/{row.progress_total:g}"
    if row.progress_percentage is not None:
        return row.progress_percentage / 100, f"{row.progress_percentage}%"
    if row.checks_total:
        return row.checks_done / row.checks_total, f"{row.checks_done}/{row.checks_total}"
    return None, ""


def waits_for(row: TaskRow, width: int, now: UnixMs) -> str:
    """Return what keeps a queued task from starting by its own fields: a hold or its time; else nothing."""
    if row.held:
        reason = f": {row.held_reason}" if row.held_reason else ""
        end = "" if row.held_until is None else clock_of(row.held_until, now)
        long = (
            (f"held until {end}{reason}", f"held until {end}", f"till {end}") if end else (f"held{reason}",)
        )
        return next((words for words in long if len(words) <= width), _HELD.word)
    if row.not_before is not None and row.not_before > now:
        return f"at {clock_of(row.not_before, now)}"
    return ""


def _in_queue(row: TaskRow, width: int) -> str:
    """What the row alone says about others; those who look them up have better words."""
    parents = row.depends_on.split()
    if parents:
        more = f" +{len(parents) - 1}" if len(parents) > 1 else ""
        return f"after {parents[0][:_SHORT]}{more}" if width > _BAR * 2 else f"after {len(parents)}"
    if row.in_line:
        return f"in line: {row.exclusive_key}" if width > _BAR * 2 else "in line"
    return "queued" if row.lane == "default" else f"in {row.lane}"


def clock_of(instant: UnixMs, now: UnixMs) -> str:
    """Return a near instant by the clock on the wall, `22:30`, and a far one by its day, `24 Dec`."""
    try:
        wall = time.localtime(instant / _SECOND)
    except (OverflowError, ValueError, OSError):
        return "some day"
    near = abs(instant - now) < 20 * _HOUR
    return time.strftime("%H:%M" if near else "%d %b" if instant - now < _YEAR else "%Y", wall)


def _coarse(milliseconds: int) -> str:
    """One unit is enough, and what ticks by the second costs bytes: `now`, `4m`, `3h`, `9d`."""
    seconds = max(0, milliseconds // _SECOND)
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{min(999, seconds // length)}{unit}"
    return "now"
