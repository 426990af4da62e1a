"""When a recurring task is due: every so long, or by five fields of a crontab."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tasktui.domain.durations import parse_duration

SHORTEST_MS: Final = 1_000
YEARS: Final = 8
"""How far a crontab line is followed: the 29th of February comes at least that often."""
_NAMED: Final = {
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
}  # fmt: skip
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: Final = ("minute", "hour", "day of the month", "month", "day of the week")
_BOUNDS: Final = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


@dataclass(frozen=True, slots=True)
class Interval:
    """Every so long."""

    ms: int


@dataclass(frozen=True, slots=True)
class Cron:
    """A line of a crontab: the values of each field, as in crontab(5)."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 is Sunday."""
    either_day: bool
    """Whether both days are restricted: then one of them is enough."""

    def fits_day(self, day: datetime) -> bool:
        """Whether it is due at some time of this day."""
        if day.month not in self.months:
            return False
        in_month, in_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return in_month or in_week if self.either_day else in_month and in_week

    def after(self, wall: datetime) -> datetime | None:
        """Return the next time on the wall, without a zone; None when there is none for years."""
        moment = wall.replace(second=0, microsecond=0) + timedelta(minutes=1)
        end = moment + timedelta(days=366 * YEARS)
        while moment < end:
            if not self.fits_day(moment):
                moment = moment.replace(hour=0, minute=0) + timedelta(days=1)
            elif moment.hour not in self.hours:
                moment = moment.replace(minute=0) + timedelta(hours=1)
            elif moment.minute not in self.minutes:
                moment += timedelta(minutes=1)
            else:
                return moment
        return None


def parse_every(text: str) -> Interval | Cron:
    """Read `90s`, `1h30m`, `0 3 * * mon-fri` or `@daily`.

    Raises:
        ValueError: it is neither a length of time from a second on nor five fields that ever come true.
    """
    line = _NAMED.get(text.strip().lower(), text).split()
    if len(line) == 1:
        ms = parse_duration(line[0])
        if ms < SHORTEST_MS:
            raise ValueError(f"a task recurs at most once a second: {text!r}")
        return Interval(ms)
    if len(line) != len(_FIELDS):
        raise ValueError(f"neither a length of time, such as 1h30m, nor five fields of a crontab: {text!r}")
    minutes, hours, days, months, weekdays = (_field(number, word) for number, word in enumerate(line))
    both = not line[2].startswith("*") and not line[4].startswith("*")
    cron = Cron(minutes, hours, days, months, frozenset(day % 7 for day in weekdays), either_day=both)
    if cron.after(datetime(2024, 1, 1)) is None:  # noqa: DTZ001  # a time on any wall
        raise ValueError(f"it never comes true: {text!r}")
    return cron


def _field(number: int, text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.lower().split(","):
        span, _, step = part.partition("/")
        if step and not (step.isdecimal() and int(step)):
            raise ValueError(f"the {_FIELDS[number]} has a wrong step: {text!r}")
        first, last = _span(number, span, text, stepped=bool(step))
        found.update(range(first, last + 1, int(step or 1)))
    return frozenset(found)


def _span(number: int, span: str, text: str, *, stepped: bool) -> tuple[int, int]:
    low, high = _BOUNDS[number]
    if span == "*":
        return low, high
    begin, _, end = span.partition("-")
    first = _value(number, begin, text)
    last = _value(number, end, text) if end else high if stepped else first
    if not low <= first <= last <= high:
        raise ValueError(f"the {_FIELDS[number]} goes from {low} to {high}: {text!r}")
    return first, last


def _value(number: int, word: str, text: str) -> int:
    if number == 3 and word in _MONTHS:
        return _MONTHS.index(word) + 1
    if number == 4 and word in _DAYS:
        return _DAYS.index(word)
    if not word.isdecimal():
        raise ValueError(f"the {_FIELDS[number]} is wrong: {text!r}")
    return int(word)
