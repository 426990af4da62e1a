"""Until when the task of an agent at its provider's limit waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tasktui.domain.ports.executor import Outcome
from tasktui.domain.status import Reason, Status
from tasktui.executors.agents import limit_waits
from tasktui.executors.agents.presets import shipped

NOW = datetime(2025, 12, 4, 14, 0, tzinfo=UTC)
AT = round(NOW.timestamp() * 1000)
CLAUDE = shipped()["claude"]
HOUR_MS = 3_600_000


def failed(error: str = "limit", **usage: object) -> Outcome:
    return Outcome(Status.FAILED, Reason.ERROR, error=error, error_code="agent_limit", usage=usage)


def test_the_agents_own_event_tells_best() -> None:
    told = failed("limit reached · resets 3pm (UTC)", limit={"resets_at": AT + 2 * HOUR_MS})
    later = limit_waits.later(told, CLAUDE, NOW, run=1)
    assert (later.retry_at_ms, later.retry_why) == (
        AT + 2 * HOUR_MS, "Claude Code is at its provider's limit",
    )  # fmt: skip


@pytest.mark.parametrize("strange", [{"resets_at": AT - 1}, {"resets_at": "soon"}, {}, None, "3pm"])
def test_its_words_tell_where_its_event_does_not(strange: object) -> None:
    told = failed("limit reached · resets 3pm (UTC)", limit=strange)
    assert limit_waits.later(told, CLAUDE, NOW, run=1).retry_at_ms == AT + HOUR_MS


def test_the_error_output_tells_too() -> None:
    later = limit_waits.later(failed(), CLAUDE, NOW, run=1, stderr="429\nretry-after: 3600")
    assert later.retry_at_ms == AT + HOUR_MS


def test_a_short_wait_is_not_too_short() -> None:
    assert limit_waits.later(failed("retry in 1s"), CLAUDE, NOW, run=1).retry_at_ms == AT + 30_000


def test_without_a_time_it_fails_as_ever() -> None:
    assert limit_waits.later(failed(), CLAUDE, NOW, run=1) == failed()


@pytest.mark.parametrize(("run", "minutes"), [(1, 1), (2, 2), (4, 8), (7, 60), (500, 60)])
def test_without_a_time_an_agent_may_wait_longer_and_longer(run: int, minutes: int) -> None:
    patient = replace(CLAUDE, on_limit="wait")
    assert limit_waits.later(failed(), patient, NOW, run=run).retry_at_ms == AT + minutes * 60_000


def test_what_it_said_last_tells_where_its_error_names_no_time() -> None:
    told = replace(failed("429 too many requests"), result="I am at my limit. It resets at 3pm (UTC).")
    assert limit_waits.later(told, CLAUDE, NOW, run=1).retry_at_ms == AT + HOUR_MS
    both = replace(failed("429, retry-after: 60"), result="resets at 5pm (UTC)")
    assert limit_waits.later(both, CLAUDE, NOW, run=1).retry_at_ms == AT + 60_000
