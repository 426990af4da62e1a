"""Tab 7: what was asked for, where the task stands and on whose word, its times, limits, usage and links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from tasktui.domain.amounts import duration, tokens
from tasktui.domain.clean import split_lines
from tasktui.domain.facts import Facts
from tasktui.ui.task_words import is_paused, look
from tasktui.ui.widgets.detail.around import Around, run_lines, waiting_lines
from tasktui.ui.widgets.detail.clock import day_and_clock
from tasktui.ui.widgets.detail.line import Line, line

if TYPE_CHECKING:
    from tasktui.domain.requests import TaskDetail
    from tasktui.domain.rows import TaskRow, UnixMs
    from tasktui.domain.spec import Permissions

_LABEL: Final = 14
_MOST_LINES: Final = 200


def info_lines(
    row: TaskRow, detail: TaskDetail | None, now: UnixMs, around: Around | None = None
) -> list[Line]:
    """Return the lines of the tab: `label  value`, groups apart by an empty line."""
    around = around or Around()
    groups = (
        _machine(row, now),
        _asked(row, detail),
        _state(row, now),
        (*waiting_lines(row, around, now), *_line_of(row, detail)),
        _times(row, now),
        _limits(row, now),
        _figures(row, detail),
        _links(row),
    )
    lines: list[Line] = []
    for group in groups:
        shown = [_row(label, value) for label, value in group if value]
        if shown:
            lines += [*([Line(())] if lines else []), *shown]
    return [*lines, *run_lines(around), *_result(row, detail)]


def _row(label: str, value: str) -> Line:
    return line((f"{label:<{_LABEL}}", "muted"), (value, "plain"), hang=_LABEL)


def _asked(row: TaskRow, detail: TaskDetail | None) -> Iterator[tuple[str, str]]:
    yield "id", row.id
    yield "title", row.title
    yield "kind", row.kind.value
    if detail is not None:
        spec = detail.task.spec
        work = Facts.of(spec.work.model_dump())
        yield "preset", work.text("preset")
        yield "model", work.text("model")
        yield "mode", "" if work.text("mode") == "agent" else work.text("mode")
        yield "approval", work.text("approval")
        yield "command", work.text("command") or " ".join(work.words("argv")) or spec.work.headline()
        yield "directory", spec.cwd or ""
        yield "worktree", _worktree(detail)
        yield "container", spec.container.image if spec.container else ""
        yield "environment", " ".join(spec.env_keys)
        yield "watching", " ".join(spec.watch)
        yield "permissions", ", ".join(_unusual(spec.permissions))
    yield "lane", f"{row.lane}, priority {row.priority}" if row.priority else row.lane
    yield "tags", row.tags.strip()


def _machine(row: TaskRow, now: UnixMs) -> Iterator[tuple[str, str]]:
    """Yield where it is, where several machines are shown, and how old all this is."""
    yield "host", row.host
    if row.unheard_since is not None:
        ago = duration(now - row.unheard_since)
        yield "last heard", f"{day_and_clock(row.unheard_since)}, {ago} ago: how it stood then is shown"


def _unusual(given: Permissions) -> Iterator[str]:
    """Yield what the task may do beyond, or short of, what tasks usually may."""
    if given.auto_approve:
        yield "approves its own requests"
    if given.trust_mode:
        yield "trusts what it reads"
    if not given.allow_shell:
        yield "no shell"


def _worktree(detail: TaskDetail) -> str:
    """Where a task works that has a worktree, and on which branch, as its executor told."""
    told = (Facts(row.record) for row in detail.evidence if (row.kind, row.key) == ("attempt", "worktree"))
    return next(
        (facts.text("summary") for facts in told), "not made yet" if detail.task.spec.worktree else ""
    )


def _state(row: TaskRow, now: UnixMs) -> Iterator[tuple[str, str]]:
    shown = look(row)
    yield "status", f"{shown.glyph} {shown.word}"
    yield "since", f"{day_and_clock(row.status_since)}, {duration(now - row.status_since)} ago"
    yield "source", row.status_source
    yield "grounds", row.status_evidence or "none given"
    yield "reason", (row.terminal_reason or "").replace("_", " ")
    yield "exit code", "" if row.exit_code is None else str(row.exit_code)
    yield "error", " ".join(part for part in (row.error, row.error_code and f"({row.error_code})") if part)
    yield "saying", row.status_text or ""
    if row.cancel_requested_at is not None:
        by = row.cancel_requested_by or "somebody"
        forced = ", by force" if row.cancel_forced else ""
        yield (
            "cancel",
            f"asked by {by}{forced} at {day_and_clock(row.cancel_requested_at)} {row.cancel_reason or ''}",
        )
    if is_paused(row):
        yield "paused", f"since {day_and_clock(row.paused_at)}; its time limit goes on"
    if row.held:
        until = f" until {day_and_clock(row.held_until)}" if row.held_until else ""
        yield "held", f"{row.held_reason or 'by a person'}{until}"


def _line_of(row: TaskRow, detail: TaskDetail | None) -> Iterator[tuple[str, str]]:
    if row.exclusive_key is not None:
        place = "stands in line for it" if row.in_line else "has it" if row.finished_at is None else "had it"
        yield "key", f"{row.exclusive_key}: {place}"
    if detail is not None and row.depends_on.strip():
        fails = detail.task.spec.on_parent_failure == "fail"
        yield "otherwise", "fails when one of them does not complete" if fails else "is held then"


def _times(row: TaskRow, now: UnixMs) -> Iterator[tuple[str, str]]:
    yield "created", day_and_clock(row.created_at)
    yield "not before", day_and_clock(row.not_before)
    yield "started", day_and_clock(row.started_at)
    yield "finished", day_and_clock(row.finished_at)
    if row.duration_ms is not None:
        yield "took", duration(row.duration_ms)
    elif row.started_at is not None and row.finished_at is None:
        yield "running for", duration(now - row.started_at)


def _limits(row: TaskRow, now: UnixMs) -> Iterator[tuple[str, str]]:
    if row.timeout_s is not None:
        yield "time limit", duration(row.timeout_s * 1000) + _left(row.started_at, row, row.timeout_s, now)
    if row.idle_timeout_s is not None:
        yield "idle limit", duration(row.idle_timeout_s * 1000)
    if row.queue_timeout_s is not None:
        queued = None if row.started_at is not None else row.created_at
        yield (
            "queue limit",
            duration(row.queue_timeout_s * 1000) + _left(queued, row, row.queue_timeout_s, now),
        )
    yield "run", f"{row.run_no} of {row.retries + 1}" if row.retries else str(row.run_no or "")
    yield "retries", f"{row.retries}, as further runs of the same task" if row.retries else ""
    yield "recoveries", str(row.recoveries or "")
    yield "on restart", row.on_restart


def _left(start: UnixMs | None, row: TaskRow, limit_s: float, now: UnixMs) -> str:
    if start is None or row.finished_at is not None:
        return ""
    return f" ({duration(start + limit_s * 1000 - now)} left)"


def _figures(row: TaskRow, detail: TaskDetail | None) -> Iterator[tuple[str, str]]:
    if row.tokens_in or row.tokens_out:
        yield "tokens", f"{tokens(row.tokens_in)} in, {tokens(row.tokens_out)} out"
    yield "cost", f"${row.cost_usd:.2f}" if row.cost_usd else ""
    if row.context_max:
        used = row.context_used or 0
        yield "context", f"{tokens(used)} of {tokens(row.context_max)} ({100 * used // row.context_max}%)"
    usage = Facts(detail.usage if detail else None)
    yield "usage", ", ".join(f"{name} {usage.text(name)}" for name in usage.names() if usage.text(name))
    yield "events", f"{row.last_seq:,}"
    yield "warnings", str(row.warnings or "")


def _links(row: TaskRow) -> Iterator[tuple[str, str]]:
    yield "retry of", row.retry_of or ""
    yield "retried as", row.superseded_by or ""
    for label, value in (
        ("owner", row.owner), ("client", row.client_id), ("request", row.request_id),
        ("session", row.session_id), ("conversation", row.conversation_id), ("thread", row.thread_id),
        ("turn", row.turn_id), ("agent", row.agent_id), ("external", row.external_id),
    ):  # fmt: skip
        yield label, value or ""


def _result(row: TaskRow, detail: TaskDetail | None) -> list[Line]:
    text = (detail.result_inline if detail else None) or row.result_summary or ""
    if not text and not row.result_ref:
        return []
    where = f"  the whole is artifact {row.result_ref}" if row.result_ref else ""
    lines = split_lines(text)[:_MOST_LINES]
    return [Line(()), line(("result", "head"), (where, "muted")), *(line((part, "plain")) for part in lines)]
