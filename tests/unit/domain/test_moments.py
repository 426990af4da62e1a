"""Instants as a person types them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tasktui.domain.moments import parse_moment

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["00:00", " 12:29 ", "23:59:59"])
def test_a_time_of_the_clock_is_its_next(text: str) -> None:
    found = parse_moment(text, NOW)
    assert NOW < found <= NOW + timedelta(days=1, hours=1)
    assert found.astimezone().strftime("%H:%M") == text.strip()[:5]


def test_a_date_with_and_without_an_offset() -> None:
    assert parse_moment("2026-11-22T07:30Z", NOW) == datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
    assert parse_moment("2026-11-22 07:30", NOW) == datetime(2026, 11, 22, 7, 30).astimezone()


@pytest.mark.parametrize("text", ["", "soon", "25:00", "2026-13-01"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not like 22:30"):
        parse_moment(text, NOW)
