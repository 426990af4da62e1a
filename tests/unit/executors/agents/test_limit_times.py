"""When a provider's limit ends, in the words of agents and their services."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktui.executors.agents.limit_times import FARTHEST, reset_time

NOW = datetime(2025, 12, 4, 14, 0, tzinfo=UTC)
"""A Thursday."""


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (f"Claude AI usage limit reached|{int(NOW.timestamp()) + 90}", "2025-12-04T14:01:30"),
        ('{"resets_at": 1764860400}', "2025-12-04T15:00:00"),
        ('{"resetsAt": 1764860400000}', "2025-12-04T15:00:00"),
        ("You've hit your limit · resets 3pm (Europe/London)", "2025-12-04T15:00:00"),
        ("You've hit your limit · resets 3pm (America/New_York)", "2025-12-04T20:00:00"),
        ("5-hour limit reached ∙ resets 2pm", "2025-12-05T14:00:00"),
        ("Your limit will reset at 3pm (Nowhere/Land).", "2025-12-04T15:00:00"),
        ("Weekly limit reached · resets Dec 9 at 12am", "2025-12-09T00:00:00"),
        ("Weekly limit reached · resets Mon 9:30 AM", "2025-12-08T09:30:00"),
        ("limit · resets thursday 1:00 PM", "2025-12-11T13:00:00"),
        ("You've hit your usage limit. Try again in 2 hours 5 minutes.", "2025-12-04T16:05:00"),
        ("You've hit your usage limit. Try again in 3 days 4 hours 1 minute.", "2025-12-07T18:01:00"),
        ("Upgrade to Pro or try again at Dec 5th, 2025 3:05 PM.", "2025-12-05T15:05:00"),
        ("or try again at 3:05 PM.", "2025-12-04T15:05:00"),
        ("try again at Jan 2nd, 3:05 AM", "2026-01-02T03:05:00"),
        ("Your quota will reset after 2h5m30s.", "2025-12-04T16:05:30"),
        ("Please retry in 45.5s.", "2025-12-04T14:00:45.500000"),
        ("Rate limit reached for gpt-5. Please try again in 6m0s.", "2025-12-04T14:06:00"),
        ("Rate limit reached. Please try again in 20ms.", "2025-12-04T14:00:00.020000"),
        ('"retryDelay": "34s"', "2025-12-04T14:00:34"),
        ("HTTP 429, retry-after: 120", "2025-12-04T14:02:00"),
        ("429 {'retry-after': '120'}", "2025-12-04T14:02:00"),
        ("retry-after-ms: 1500", "2025-12-04T14:00:01.500000"),
        ('{"type":"usage_limit_reached","resets_in_seconds":3600}', "2025-12-04T15:00:00"),
        ("Limit resets at 2025-12-04T18:30:00Z.", "2025-12-04T18:30:00"),
        ("Limit until 2025-12-04T18:30:00+01:00.", "2025-12-04T17:30:00"),
    ],
)
def test_the_time_that_is_named(text: str, moment: str) -> None:
    expected = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert reset_time(text, NOW) == round(expected.timestamp() * 1000)


@pytest.mark.parametrize(
    "text",
    [
        "", "rate limit", "Too many requests, try again later.", "try again in a while",
        "Claude AI usage limit reached|1733356800",  # long ago
        "Claude AI usage limit reached|9999999999",  # in another century
        "resets 25pm", "resets 13pm", "try again at 99:99", "resets Feb 30 at 3pm", "resets Foo 3 at 3pm",
        "retry-after: 999999999", "try again in 900 weeks", "limit until 2025-99-99T99:99:00Z",
        "resets 3", "wait 12 files", "Limit of 2024-01-01T00:00:00Z",
    ],
)  # fmt: skip
def test_no_time_is_made_up(text: str) -> None:
    assert reset_time(text, NOW) is None


def test_a_time_without_a_zone_is_in_that_of_the_machine() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    said = reset_time("resets 9pm", there)
    assert said == round(datetime(2025, 12, 4, 15, 30, tzinfo=UTC).timestamp() * 1000)


@given(st.text(alphabet="try again in resets at:|,.0123456789 hmsdpmAMDecMonUTC/-TZ()\"'_\n", max_size=80))
def test_no_words_break_it(text: str) -> None:
    said = reset_time(text, NOW)
    assert said is None or 0 < said / 1000 - NOW.timestamp() <= FARTHEST.total_seconds()
