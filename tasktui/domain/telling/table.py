"""What each event type of the taxonomy says to a person."""

from __future__ import annotations

from typing import Final

from tasktui.domain.telling.life import attempt, cancel, checklist, created, finished, gate, github
from tasktui.domain.telling.people import answered, asked, intervention, resolved, verdict
from tasktui.domain.telling.shown import Shown, Teller, Tone, labeled, listed, phrase
from tasktui.domain.telling.work import artifact, message, tool_completed, tool_started, truncated

_NEEDS: Final = {
    "none": "nobody is needed any more",
    "approval": "waits for a decision",
    "input": "waits for an answer",
}


TELLERS: Final[dict[str, Teller]] = {
    "task.created": created,
    "task.dispatched": listed("●", "sent", Tone.PLAIN, "to=agent_id", "external_id"),
    "task.started": lambda facts: Shown(
        "●", "started", phrase(f"run {facts.text('@run')}", labeled("on", facts.text("worker")))
    ),
    "task.linked": listed(
        "▸",
        "linked",
        Tone.MUTED,
        "pid=pid",
        "session=session_id",
        "thread=thread_id",
        "turn=turn_id",
        "conversation=conversation_id",
        "external=external_id",
    ),
    "task.status": listed("▸", "status", Tone.PLAIN, "message"),
    "task.progress": listed(
        "▸", "progress", Tone.MUTED, "phase", "current", "of=total", "percent=percentage"
    ),
    "task.attention": lambda facts: Shown(
        "!", "attention", _NEEDS.get(facts.text("attention"), facts.text("attention")), Tone.MUTED
    ),
    "task.cancel_requested": cancel,
    "task.finished": finished,
    "task.recovered": listed("●", "recovered", Tone.WARN, "was=from_status", "policy", "time=recoveries"),
    "task.requeued": listed("◌", "requeued", Tone.WARN, "was=from_status", "policy", "time=recoveries"),
    "task.held": listed("‖", "held", Tone.WARN, "reason"),
    "task.released": listed("▷", "released", Tone.PLAIN),
    "task.paused": listed("‖", "paused", Tone.WARN, "by=by"),
    "task.resumed": listed("▷", "resumed", Tone.PLAIN, "by=by"),
    "task.edited": listed("▸", "edited", Tone.PLAIN, "title", "priority=priority", "lane=lane"),
    "task.archived": lambda facts: Shown(
        "▸", "archived" if facts.flag("archived", default=True) else "restored", "", Tone.MUTED
    ),
    "task.retried": listed("●", "retried", Tone.PLAIN, "as=new_id"),
    "task.imported": listed("●", "imported", Tone.MUTED, "from=origin"),
    "task.delivered": listed("✓", "delivered", Tone.MUTED, "by=by"),
    "task.acked": listed("✓", "acked", Tone.MUTED, "by=by"),
    "task.deleted": lambda facts: Shown(
        "⊘", "deleted", phrase(", ".join(facts.words("ids")), labeled("by", facts.text("by"))), Tone.MUTED
    ),
    "task.warning": listed("!", "warning", Tone.WARN, "message", "code"),
    "task.error": listed("✗", "error", Tone.BAD, "message", "code"),
    "log": listed("▸", "log", Tone.MUTED, "message", "level"),
    "message.started": listed("▷", "message", Tone.MUTED, "role"),
    "message.delta": listed("▷", "message", Tone.VOICE, "delta"),
    "message.completed": message,
    "output.chunk": listed("▸", "output", Tone.PLAIN, "text"),
    "output.truncated": truncated,
    "tool.started": tool_started,
    "tool.progress": listed("▸", "", Tone.MUTED, "text"),
    "tool.completed": tool_completed,
    "artifact.added": artifact,
    "artifact.changed": listed("▸", "artifact", Tone.MUTED, "changed=artifact_id", "bytes=size"),
    "artifact.removed": listed("⊘", "artifact", Tone.MUTED, "removed=artifact_id"),
    "usage.tokens": listed("▸", "usage", Tone.MUTED, "in=input_tokens", "out=output_tokens", "$=cost_usd"),
    "usage.context": listed("▸", "context", Tone.MUTED, "used_tokens", "of=max_tokens"),
    "usage.memory": listed("▸", "memory", Tone.MUTED, "bytes=rss_bytes", "cpu s=cpu_s"),
    "context.compacted": listed("!", "compacted", Tone.WARN, "message", "trigger"),
    "runtime.event": listed("▸", "runtime", Tone.MUTED, "event", "summary"),
    "segment.completed": listed("✓", "segment", Tone.GOOD, "segment_id"),
    "segment.failed": listed("✗", "segment", Tone.BAD, "segment_id", "error"),
    "intervention.queued": intervention,
    "intervention.delivered": verdict("✓", "delivered", Tone.GOOD),
    "intervention.expired": verdict("✗", "expired: the run ended first", Tone.BAD),
    "intervention.failed": verdict("✗", "not delivered", Tone.BAD),
    "input.requested": asked("question"),
    "input.responded": answered,
    "input.expired": listed("✗", "question", Tone.WARN, "expired:=reason"),
    "approval.requested": asked("approval"),
    "approval.resolved": resolved,
    "approval.expired": listed("✗", "approval", Tone.WARN, "expired:=reason"),
    "checklist.updated": checklist,
    "gate.recorded": gate,
    "attempt.recorded": attempt,
    "github.recorded": github,
    "owner.started": listed("●", "owner", Tone.MUTED, "pid=pid", "epoch=epoch", "version"),
    "owner.took_over": listed("●", "owner", Tone.WARN, "pid=pid", "epoch=epoch", "after pid=from_pid"),
    "lane.changed": listed("▸", "lane", Tone.PLAIN, "lane", "limit=limit"),
    "schedule.set": listed("●", "recurs", Tone.PLAIN, "schedule_id"),
    "schedule.stopped": listed("⊘", "recurs", Tone.WARN, "stopped=schedule_id", "by=by"),
    "agent.connected": listed("●", "runner", Tone.GOOD, "agent_id"),
    "agent.lost": listed("✗", "runner", Tone.BAD, "lost=agent_id"),
    "agent.heartbeat": listed("▸", "runner", Tone.MUTED, "agent_id"),
    "stream.snapshot": listed("▸", "stream", Tone.MUTED, "status"),
    "stream.gap": listed("!", "stream", Tone.WARN, "after=after_gid", "to=to_gid"),
    "stream.ping": listed("▸", "stream", Tone.MUTED),
    "stream.end": listed("▸", "stream", Tone.MUTED, "end=status"),
}
"""What each type of the taxonomy says."""
