"""What became of the messages that people sent and of the questions that the task asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tasktui.domain.facts import Facts
from tasktui.domain.records import InterventionRow, RequestRow, StoredEvent
from tasktui.ui.widgets.detail.clock import clock

_STATES: Final = {
    "queued": "queued, not delivered yet",
    "delivered": "delivered",
    "expired": "not delivered: the run ended first",
    "failed": "not delivered",
    "unknown": "nobody knows whether it arrived",
}


class Verdicts:
    """The newest word on each intervention and request, by their ids."""

    def __init__(self) -> None:
        self._interventions: dict[str, str] = {}
        self._requests: dict[str, str] = {}

    def intervention(self, name: str) -> str:
        """Return what became of a message."""
        return self._interventions.get(name, _STATES["queued"])

    def request(self, name: str) -> str:
        """Return what became of a question."""
        return self._requests.get(name, "waits for an answer")

    def take_rows(self, interventions: Sequence[InterventionRow], requests: Sequence[RequestRow]) -> None:
        """Take in how things stand."""
        for row in interventions:
            self._interventions[row.intervention_id] = state_words(row.state, row.detail)
        for asked in requests:
            if asked.state != "waiting":
                self._requests[asked.request_id] = _answered(
                    asked.decision or asked.state, asked.decided_by, asked.reason, clock(asked.resolved_at)
                )

    def take_event(self, event: StoredEvent) -> None:
        """Take in what has just come."""
        kind, _, verdict = event.type.partition(".")
        facts = Facts(event.data)
        if kind == "intervention" and verdict != "queued":
            state = "unknown" if facts.flag("unknown") else verdict
            self._interventions[facts.text("intervention_id")] = state_words(state, facts.text("detail"))
        elif kind in {"input", "approval"} and verdict != "requested":
            decision = facts.text("answer") or facts.text("decision") or verdict
            self._requests[facts.text("request_id")] = _answered(
                decision, facts.text("by"), facts.text("reason"), clock(event.ts)
            )


def state_words(state: str, detail: str | None) -> str:
    """Return the state of an intervention in words."""
    words = _STATES.get(state, state)
    return f"{words} · {detail}" if detail else words


def _answered(decision: str, by: str | None, reason: str | None, when: str) -> str:
    words = {"allow": "allowed", "deny": "denied"}.get(decision, decision)
    who = f" by {by}" if by else ""
    why = f" · {reason}" if reason else ""
    return f"→ {words}{who} {when.strip()}{why}"
