"""What a row says about its task: glyph, word, age and outcome, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
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
_BAR: Final = 8


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
    if row.stopping:
        return _STOPPING
    if row.group is Group.NEEDS_YOU:
        return _ASKS[row.attention]
    return _HELD if row.held and row.status is Status.QUEUED else _LOOKS[row.status]


def ticks(row: TaskRow) -> bool:
    """Whether the task's age changes every second."""
    return row.group in {Group.RUNNING, Group.NEEDS_YOU}


def age(row: TaskRow, now: UnixMs) -> str:
    """Return how long the task runs or waits, or how long ago it ended, in at most six characters."""
    if row.finished_at is not None:
        return _coarse(now - row.finished_at)
    if row.group is Group.QUEUED:
        return _coarse(now - row.created_at)
    ran = max(0, now - (row.started_at or row.status_since))
    return duration(ran) if ran >= 10 * _SECOND else f"{ran // _SECOND}s"


def outcome(row: TaskRow, width: int) -> str:
    """Return in about `width` characters how far the task is, what it waits for or how it ended."""
    if row.finished_at is not None:
        return ended(row, width)
    if row.stopping:
        return "stopping… by force" if row.cancel_forced and width > _BAR * 2 else _STOPPING.word
    if row.group is Group.NEEDS_YOU:
        return look(row).word
    if row.group is Group.QUEUED:
        return _waiting(row, width)
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


def _waiting(row: TaskRow, width: int) -> str:
    if row.held:
        reason = row.held_reason if row.held_reason and width > _BAR * 2 else ""
        return f"held: {reason}" if reason else _HELD.word
    if row.depends_on.strip():
        return "after others"
    if row.not_before is not None:
        return "delayed"
    return "queued" if row.lane == "default" else f"in {row.lane}"


def _coarse(milliseconds: int) -> str:
    """One unit is enough, and what ticks by the second costs bytes: `now`, `4m`, `3h`, `9d`."""
    seconds = max(0, milliseconds // _SECOND)
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{min(999, seconds // length)}{unit}"
    return "now"
