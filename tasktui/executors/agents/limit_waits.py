"""An agent at its provider's limit: its task waits until the limit ends, where that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from tasktui.domain.ports.executor import Outcome
from tasktui.domain.rows import UnixMs
from tasktui.executors.agents.limit_times import FARTHEST, reset_time
from tasktui.executors.agents.presets import Preset

SHORTEST: Final = timedelta(seconds=30)
"""Before a further try: providers' clocks and ours are not the same."""
FIRST: Final = timedelta(minutes=1)
"""Where no time is named: before the second run; each further wait is twice as long."""
LONGEST: Final = timedelta(hours=1)
LAST_WORDS: Final = 2_000
"""Characters of what an agent said last in which a time is looked for."""


def later(outcome: Outcome, preset: Preset, now: datetime, *, run: int, stderr: str = "") -> Outcome:
    """Return the outcome with the time at which the task goes on; unchanged where that is not known.

    Args:
        outcome: a failure by a provider's limit.
        preset: the agent.
        now: when it ended, in this machine's zone.
        run: the number of the run that ended so.
        stderr: the last lines of its error output.
    """
    until = _told(outcome.usage, now) or _said(outcome, stderr, now)
    if until is None and preset.on_limit == "wait":
        until = _ms(now + min(LONGEST, FIRST * 2 ** min(run - 1, 10)))
    if until is None:
        return outcome
    why = f"{preset.title or preset.name} is at its provider's limit"
    return replace(outcome, retry_at_ms=max(until, _ms(now + SHORTEST)), retry_why=why)


def _told(usage: Mapping[str, Any] | None, now: datetime) -> UnixMs | None:
    """Return the time of the agent's own event, where it has one."""
    limit = (usage or {}).get("limit")
    until = limit.get("resets_at") if isinstance(limit, Mapping) else None
    return until if isinstance(until, int) and _ms(now) < until <= _ms(now + FARTHEST) else None


def _said(outcome: Outcome, stderr: str, now: datetime) -> UnixMs | None:
    """Return the time that its words name: those of its error first, then the last that it said."""
    said = (outcome.result or "")[-LAST_WORDS:]
    return reset_time(f"{outcome.error or ''}\n{stderr}", now) or reset_time(said, now)


def _ms(moment: datetime) -> UnixMs:
    return round(moment.timestamp() * 1000)
