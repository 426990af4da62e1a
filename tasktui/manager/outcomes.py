"""How a run ended, all told: what the executor says, whether a stop was asked for, and who asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tasktui.domain.ports.executor import CancelScope, Outcome
from tasktui.domain.status import TERMINAL, Reason, Status

_DEADLINES: Final = {"wall": Reason.WALL_TIMEOUT, "idle": Reason.IDLE_TIMEOUT}
_STAYS: Final = frozenset({Status.TIMED_OUT, Status.LOST})
"""What a user's cancel does not change: a deadline's reason wins, and nobody saw a lost task stop."""
RETRIED: Final = frozenset({Status.FAILED, Status.TIMED_OUT})
"""Ends after which a task that has retries left runs again."""


def verdict(outcome: Outcome, stop: CancelScope, *, segments_failed: int = 0) -> Outcome:
    """Return how the run ended; the result text is always kept."""
    if outcome.status not in TERMINAL:
        sentence = f"The executor ended in a state that is no end: {outcome.status}"
        return replace(outcome, status=Status.FAILED, reason=Reason.BAD_RESULT, error=sentence)
    if stop.why in _DEADLINES:
        return _timed_out(outcome, stop)
    if stop.why == "user" and outcome.status not in _STAYS:
        return _canceled(outcome)
    if stop.why == "shutdown" and outcome.status not in {Status.COMPLETED, *_STAYS}:
        return replace(outcome, status=Status.INTERRUPTED, reason=Reason.SHUTDOWN)
    if outcome.status is Status.COMPLETED and segments_failed:
        return replace(outcome, reason=Reason.COMPLETED_WITH_ERRORS)
    return outcome


def crashed(error: BaseException) -> Outcome:
    """Return how a run ended whose executor raised."""
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return Outcome(Status.FAILED, Reason.EXECUTOR_CRASH, "the executor raised", "manager", error=said)


def abandoned() -> Outcome:
    """Return how a run ended whose executor did not return after the kill."""
    return Outcome(Status.CANCELED, Reason.CANCEL_FORCED, "the executor did not stop", "manager")


def _timed_out(outcome: Outcome, stop: CancelScope) -> Outcome:
    reason = _DEADLINES[stop.why]
    words = "Not done in its time." if stop.why == "wall" else "It showed no sign of work for too long."
    return replace(outcome, status=Status.TIMED_OUT, reason=reason, error=outcome.error or words)


def _canceled(outcome: Outcome) -> Outcome:
    if outcome.status is Status.COMPLETED:
        return replace(outcome, status=Status.CANCELED, reason=Reason.CANCELED_AFTER_COMPLETION)
    reason = outcome.reason if outcome.reason is Reason.CANCEL_FORCED else Reason.CANCELED
    return replace(outcome, status=Status.CANCELED, reason=reason)
