"""How facts change a task: `fold(row, events) -> row`, pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from tasktui.domain import transitions
from tasktui.domain.draft import Draft
from tasktui.domain.errors import IllegalTransitionError
from tasktui.domain.events import evidence, lifecycle, people, work
from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.rows import TaskRow, UnixMs
from tasktui.domain.status import Attention, Status


def _instant(moment: datetime | None) -> UnixMs | None:
    return int(moment.timestamp() * 1000) if moment is not None else None


def _words(words: Iterable[str]) -> str:
    joined = " ".join(words)
    return f" {joined} " if joined else ""


def created(event: NewEvent, created_seq: int) -> TaskRow:
    """Return the row that a `task.created` begins.

    Raises:
        IllegalTransitionError: the event is another one.
    """
    data = event.data
    if not isinstance(data, lifecycle.TaskCreated):
        raise IllegalTransitionError(f"a task begins with task.created, not {event.type}: {event.task_id}")
    spec = data.spec
    return TaskRow(
        id=event.task_id, created_seq=created_seq, kind=spec.kind, title=data.title, lane=spec.lane,
        status=Status.QUEUED, created_at=event.ts, updated_at=event.ts, status_since=event.ts,
        status_source="manager", status_evidence="submitted",
        priority=spec.priority, held=spec.held, held_reason="submitted on hold" if spec.held else None,
        tags=_words(spec.tags), depends_on=_words(spec.depends_on), owner=spec.owner,
        client_id=spec.client_id, request_id=spec.request_id, session_id=spec.session_id,
        conversation_id=spec.conversation_id, agent_id=spec.agent_id, exclusive_key=spec.exclusive_key,
        idempotency_key=spec.idempotency_key, schedule_id=data.schedule_id, retry_of=data.retry_of,
        not_before=_instant(spec.not_before),
        timeout_s=spec.timeout_s, idle_timeout_s=spec.idle_timeout_s, queue_timeout_s=spec.queue_timeout_s,
        on_restart=spec.on_restart, retries=spec.retries, last_seq=1, position=created_seq,
        in_line=data.in_line or False,
    )  # fmt: skip


def fold(row: TaskRow, events: Iterable[NewEvent]) -> TaskRow:
    """Return the row after these events, which follow it in the log.

    Events of an older run change nothing but `last_seq`.

    Raises:
        IllegalTransitionError: the transition table forbids one of them.
    """
    draft = Draft(row)
    advance(draft, tuple(events))
    return draft.done()


def apply(draft: Draft, event: NewEvent) -> None:
    """Change a draft by one event, as `fold` does.

    Raises:
        IllegalTransitionError: the transition table forbids it; the draft is as it was.
    """
    advance(draft, (event,))


def advance(draft: Draft, events: Sequence[NewEvent]) -> None:
    """Change a draft by some events, as `fold` does.

    Raises:
        IllegalTransitionError: the table forbids one of them; the draft has changed by those before it.
    """
    newest = draft.changes["updated_at"]
    for event in events:
        if type(event.data) not in draft.plain:
            _turn(draft, event)
        newest = max(newest, event.ts)
    draft.changes["updated_at"] = newest
    draft.changes["last_seq"] += len(events)


def _turn(draft: Draft, event: NewEvent) -> None:
    """Check one event and set what it says; the next of its type needs no check while the status stays."""
    data = event.data
    kind = type(data)
    if kind not in draft.possible:
        target = data.status if isinstance(data, lifecycle.TaskFinished) else None
        transitions.check(draft.row.id, draft.get("status"), data.TYPE, target)
        if target is None:
            (draft.possible if kind in HANDLERS else draft.plain).add(kind)
    handler = HANDLERS.get(kind)
    if handler is not None and event.run >= draft.get("run_no"):
        handler(draft, event, data)


def live(row: TaskRow, event: NewEvent) -> TaskRow:
    """Return the row with the last value of a transient event; terminal rows stay as they are."""
    draft = Draft(row)
    touch(draft, event)
    return draft.done()


def touch(draft: Draft, event: NewEvent) -> None:
    """Change a draft by the last value of a transient event, as `live` does."""
    handler = HANDLERS.get(type(event.data))
    if handler is None or draft.get("finished_at") is not None or event.run < draft.get("run_no"):
        return
    handler(draft, event, event.data)


Handler = Callable[[Draft, NewEvent, Any], None]


def _started(draft: Draft, event: NewEvent, data: lifecycle.TaskStarted) -> None:
    draft.move(Status.RUNNING, event, "manager", data.worker or "claimed")
    draft.set(run_no=event.run, started_at=event.ts, held=False, held_reason=None, held_until=None)
    draft.set(in_line=False, paused_at=None)
    draft.set(progress_current=None, progress_total=None, progress_percentage=None, progress_phase=None)


def _dispatched(draft: Draft, event: NewEvent, data: lifecycle.TaskDispatched) -> None:
    draft.move(Status.DISPATCHED, event, "manager", "handed over")
    draft.fill(agent_id=data.agent_id, external_id=data.external_id)


def _finished(draft: Draft, event: NewEvent, data: lifecycle.TaskFinished) -> None:
    draft.move(data.status, event, data.source, data.evidence)
    draft.set(
        terminal_reason=data.reason, finished_at=event.ts, duration_ms=max(0, data.duration_ms),
        result_summary=data.result_summary, result_ref=data.result_ref, error=data.error,
        error_code=data.error_code, exit_code=data.exit_code, held=False, held_until=None,
        attention=Attention.NONE, attention_id=None, paused_at=None,
    )  # fmt: skip


def _requeued(draft: Draft, event: NewEvent, data: lifecycle.TaskRequeued) -> None:
    draft.move(Status.QUEUED, event, "recovery", data.policy)
    draft.set(started_at=None, recoveries=data.recoveries, not_before=data.not_before, paused_at=None)
    draft.need(Attention.NONE, None)


def _cancel_requested(draft: Draft, event: NewEvent, data: lifecycle.TaskCancelRequested) -> None:
    if draft.get("cancel_requested_at") is None:
        draft.set(cancel_requested_at=event.ts, cancel_requested_by=data.by, cancel_reason=data.reason)
    if data.force:
        draft.set(cancel_forced=True)


def _edited(draft: Draft, event: NewEvent, data: lifecycle.TaskEdited) -> None:
    draft.fill(title=data.title, priority=data.priority, lane=data.lane, position=data.position)
    if data.spec is not None:
        spec = data.spec
        draft.set(
            title=data.title or spec.title, priority=spec.priority, lane=spec.lane, tags=_words(spec.tags),
            depends_on=_words(spec.depends_on), queue_timeout_s=spec.queue_timeout_s,
            on_restart=spec.on_restart, not_before=_instant(spec.not_before),
        )  # fmt: skip
        draft.set(timeout_s=spec.timeout_s, idle_timeout_s=spec.idle_timeout_s, retries=spec.retries)


def _progress(draft: Draft, event: NewEvent, data: lifecycle.TaskProgress) -> None:
    percentage = data.percentage
    if percentage is None and data.current is not None:
        # clamped before it becomes an int, for the quotient of two numbers may be infinite
        percentage = int(min(100.0, max(0.0, data.current / data.total * 100))) if data.total else 0
    if percentage is not None:
        percentage = min(100, max(0, percentage))
    draft.set(progress_current=data.current, progress_total=data.total, progress_percentage=percentage)
    draft.set(progress_phase=data.phase)


def _linked(draft: Draft, event: NewEvent, data: lifecycle.TaskLinked) -> None:
    draft.fill(session_id=data.session_id, thread_id=data.thread_id, turn_id=data.turn_id)
    draft.fill(conversation_id=data.conversation_id, external_id=data.external_id)


def _checklist(draft: Draft, event: NewEvent, data: evidence.ChecklistUpdated) -> None:
    done = sum(item.status == "completed" for item in data.items)
    draft.set(checks_done=done, checks_total=len(data.items))


def _tool_completed(draft: Draft, event: NewEvent, data: work.ToolCompleted) -> None:
    if not data.ok and not data.canceled:
        draft.add("tool_failed")


def _tokens(draft: Draft, event: NewEvent, data: work.UsageTokens) -> None:
    draft.set(tokens_in=data.input_tokens, tokens_out=data.output_tokens)
    draft.fill(cost_usd=data.cost_usd)


def _asked(draft: Draft, event: NewEvent, data: people.InputRequested | people.ApprovalRequested) -> None:
    kind = Attention.INPUT if isinstance(data, people.InputRequested) else Attention.APPROVAL
    # the oldest is the one that is shown and decided; the next one's turn comes when it is settled
    if draft.get("attention") is Attention.NONE:
        draft.need(kind, data.request_id)


def _settled(draft: Draft, event: NewEvent, data: people.InputResponded) -> None:
    draft.settle(data.request_id)


def _counting(name: str) -> Handler:
    def count(draft: Draft, event: NewEvent, data: Data) -> None:
        draft.add(name)

    return count


HANDLERS: Final[dict[type[Data], Handler]] = {
    lifecycle.TaskStarted: _started,
    lifecycle.TaskDispatched: _dispatched,
    lifecycle.TaskFinished: _finished,
    lifecycle.TaskRequeued: _requeued,
    lifecycle.TaskRecovered: lambda draft, event, data: draft.set(recoveries=data.recoveries),
    lifecycle.TaskCancelRequested: _cancel_requested,
    lifecycle.TaskEdited: _edited,
    lifecycle.TaskPaused: lambda draft, event, data: draft.set(paused_at=event.ts),
    lifecycle.TaskResumed: lambda draft, event, data: draft.set(paused_at=None),
    lifecycle.TaskHeld: lambda draft, event, data: draft.set(
        held=True, held_reason=data.reason, held_until=data.until
    ),
    lifecycle.TaskReleased: lambda draft, event, data: draft.set(
        held=False, held_reason=None, held_until=None
    ),
    lifecycle.TaskArchived: lambda draft, event, data: draft.set(
        archived_at=event.ts if data.archived else None
    ),
    lifecycle.TaskRetried: lambda draft, event, data: draft.set(superseded_by=data.new_id),
    lifecycle.TaskDelivered: lambda draft, event, data: draft.set(delivered_at=event.ts),
    lifecycle.TaskAcked: lambda draft, event, data: draft.set(acked_at=event.ts),
    lifecycle.TaskAttention: lambda draft, event, data: draft.need(data.attention, data.request_id),
    lifecycle.TaskStatus: lambda draft, event, data: draft.set(status_text=data.message[:500]),
    lifecycle.TaskProgress: _progress,
    lifecycle.TaskLinked: _linked,
    lifecycle.TaskWarning: _counting("warnings"),
    evidence.ChecklistUpdated: _checklist,
    work.ToolStarted: _counting("tool_calls"),
    work.ToolCompleted: _tool_completed,
    work.ArtifactAdded: lambda draft, event, data: draft.add("artifacts", 0 if data.again else 1),
    work.ArtifactRemoved: lambda draft, event, data: draft.add("artifacts", -1),
    work.UsageTokens: _tokens,
    work.UsageContext: lambda draft, event, data: draft.set(
        context_used=data.used_tokens, context_max=data.max_tokens
    ),
    work.RuntimeEvent: lambda draft, event, data: draft.add("runtime_events", data.count),
    work.SegmentCompleted: _counting("segments_ok"),
    work.SegmentFailed: _counting("segments_failed"),
    people.InterventionQueued: _counting("interventions"),
    people.InputRequested: _asked,
    people.ApprovalRequested: _asked,
    people.InputResponded: _settled,
    people.InputExpired: _settled,
    people.ApprovalResolved: _settled,
    people.ApprovalExpired: _settled,
}
