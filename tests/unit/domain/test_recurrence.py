"""When a recurring task is due."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktui.domain.recurrence import Cron, Interval, parse_every

NOON = datetime(2026, 3, 4, 12, 30, 15)  # noqa: DTZ001  # a Wednesday on the wall


@pytest.mark.parametrize(("text", "ms"), [("90s", 90_000), ("1h30m", 5_400_000), ("60", 60_000)])
def test_a_length_of_time(text: str, ms: int) -> None:
    assert parse_every(text) == Interval(ms)


@pytest.mark.parametrize(
    ("line", "due"),
    [
        ("* * * * *", "2026-03-04 12:31"),
        ("*/15 * * * *", "2026-03-04 12:45"),
        ("5/20 * * * *", "2026-03-04 12:45"),
        ("0 3 * * *", "2026-03-05 03:00"),
        ("0 3 * * mon-fri", "2026-03-05 03:00"),
        ("30 12 * * wed", "2026-03-11 12:30"),
        ("0 0 1 jan,JUL *", "2026-07-01 00:00"),
        ("0 0 13 * fri", "2026-03-06 00:00"),
        ("0 0 13 * *", "2026-03-13 00:00"),
        ("0 0 * * 7", "2026-03-08 00:00"),
        ("0 0 29 2 *", "2028-02-29 00:00"),
        ("10-20/5,40 9-17/4 * * *", "2026-03-04 13:10"),
        ("@hourly", "2026-03-04 13:00"),
        ("@yearly", "2027-01-01 00:00"),
    ],
)
def test_a_line_of_a_crontab(line: str, due: str) -> None:
    cron = parse_every(line)
    assert isinstance(cron, Cron)
    assert cron.after(NOON) == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    "text",
    [
        "", "500ms", "0", "soon", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *",
        "* * * 13 *", "* * * * 8", "5-1 * * * *", "*/0 * * * *", "*/x * * * *", "a * * * *", "1- * * * x",
        "0 0 31 2 *", "0 0 30 feb *", "-1 * * * *",
    ],
)  # fmt: skip
def test_what_never_comes_true_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_every(text)


FIELDS = st.tuples(
    st.integers(0, 59), st.integers(0, 23), st.integers(1, 28), st.integers(1, 12), st.just("*")
)


@given(FIELDS, st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001  # on the wall
def test_the_next_time_is_later_fits_and_is_the_first(fields: tuple[int, ...], wall: datetime) -> None:
    cron = parse_every(" ".join(map(str, fields)))
    assert isinstance(cron, Cron)
    due = cron.after(wall)
    assert due is not None
    assert wall < due <= wall + timedelta(days=366)
    assert (due.minute, due.hour, due.day, due.month) == fields[:4]
