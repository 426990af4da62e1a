"""The first line of the pane: where the task stands, for how long, and the figures that matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tasktui.domain.amounts import duration, tokens
from tasktui.domain.rows import TaskRow, UnixMs
from tasktui.ui.host import host
from tasktui.ui.task_words import elapsed, ended, look, progress
from tasktui.ui.text import joined

if TYPE_CHECKING:
    from tasktui.domain.spec import TaskSpec


class Headline(Widget):
    """One line about a task; its time runs while the task does."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"headline--{style}"
        for style in ("queued", "running", "completed", "failed", "canceled", "stopping", "needs", "unheard")
    }

    row: reactive[TaskRow | None] = reactive[TaskRow | None](None)
    """The task."""
    agent: reactive[str] = reactive("")
    """Which agent works, and with which model, where one does."""
    instead: reactive[str] = reactive("No task chosen.")
    """What stands here when there is no task to tell about."""

    def render(self) -> Content:
        """Status first, then facts, the most important first."""
        row = self.row
        if row is None:
            return joined((self.instead, "dim"))
        shown = look(row)
        style = self.get_visual_style(f"headline--{shown.style}", partial=True)
        status = (f"{shown.glyph} {shown.word}", style)
        now = row.unheard_since or host(self).now()
        facts = [fact for fact in facts_of(row, now, self.agent) if fact and fact != shown.word]
        return joined(status, *facts, separator=" · ")


def agent_of(spec: TaskSpec) -> str:
    """Return which agent a task was given to, and with which model; empty where it is none's."""
    if spec.work.kind != "agent":
        return ""
    return " · ".join(part for part in (spec.work.preset, spec.work.model) if part)


def facts_of(row: TaskRow, now: UnixMs, agent: str = "") -> tuple[str, ...]:
    """Return what is said about a task behind its status."""
    return (
        _time(row, now),
        ended(row) if row.finished_at is not None else "",
        progress(row, 30) if row.finished_at is None else "",
        _run(row),
        agent or row.kind.value,
        f"{tokens(row.tokens_in + row.tokens_out)} tok" if row.tokens_in or row.tokens_out else "",
        f"${row.cost_usd:.2f}" if row.cost_usd else "",
        f"! {row.warnings} warnings" if row.warnings > 1 else "! 1 warning" if row.warnings else "",
        row.status_text or "" if row.finished_at is None else "",
    )


def _run(row: TaskRow) -> str:
    if not row.run_no:
        return ""
    return f"run {row.run_no} of {row.retries + 1}" if row.retries else f"run {row.run_no}"


def _time(row: TaskRow, now: UnixMs) -> str:
    if row.duration_ms is not None:
        return duration(row.duration_ms)
    if row.started_at is not None:
        return elapsed(now - row.started_at)
    return f"waits {elapsed(now - row.created_at)}"
