"""When a provider's limit ends, told from the words of agents and services: pure, no clock."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from tasktui.domain.rows import UnixMs

FARTHEST: Final = timedelta(days=32)
"""A limit lasts a month at most; a time beyond is no time of a limit."""
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}
_AMOUNT: Final = re.compile(
    r"(\d{1,9}(?:\.\d{1,9})?)\s*"
    r"(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)\b",
    re.IGNORECASE,
)
_COMPACT: Final = re.compile(r"(?<=[a-z])(?=\d)")
_TEXT: Final = r"(?:try again|retry|retrying|resets?|available again|wait|refresh(?:es)?)"
_EPOCH: Final = re.compile(
    r"(?:limit reached\||resets?(?:_at|At)?[\"']?\s*[:=]\s*[\"']?)(\d{10}|\d{13})\b", re.IGNORECASE
)
"""`Claude AI usage limit reached|1733356800`, `"resets_at":1733356800`."""
_RETRY_AFTER: Final = re.compile(
    r"retry[-_ ]?after(_ms|-ms)?[\"']?\s*[:=]?\s*[\"']?(\d{1,9}(?:\.\d{1,9})?)(?![\d.]|\s*[a-z])",
    re.IGNORECASE,
)
"""The header of HTTP, in seconds, as agents quote it."""
_RESETS_IN: Final = re.compile(
    r"(?:resets?|retry)[-_ ]?(?:in|after)[-_ ]seconds[\"']?\s*[:=]\s*[\"']?(\d{1,9})\b", re.IGNORECASE
)
_IN: Final = re.compile(
    rf"(?:{_TEXT}\s+(?:for\s+)?(?:in\s+|after\s+)?(?:about\s+|another\s+)?"
    r"|retryDelay[\"']?\s*[:=]\s*[\"']?|retry[-_ ]after[\"']?\s*[:=]?\s*[\"']?)"
    r"(?P<span>\d[^\n,;()\"']{0,60})",
    re.IGNORECASE,
)
"""`try again in 2 hours 5 minutes`, `will reset after 2h5m30s`, `"retryDelay": "34s"`."""
_ISO: Final = re.compile(
    r"\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?"
)
_AT: Final = re.compile(
    rf"{_TEXT}\s+(?:at\s+|on\s+)?"
    r"(?:(?P<month>[A-Z][a-z]{2,8})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(?P<year>20\d\d))?,?\s*"
    r"|(?P<weekday>(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?),?\s+)?"
    r"(?:at\s+)?(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?(?::\d{2})?\s*(?P<half>[ap]\.?m\b\.?)?"
    r"(?:\s*\(?(?P<zone>[A-Za-z]+/[A-Za-z_+-]+(?:/[A-Za-z_]+)?|UTC|GMT)\)?)?",
    re.IGNORECASE,
)
"""`resets 3pm (Europe/London)`, `try again at Dec 5th, 2025 3:05 PM`, `resets Mon 9:00 AM`."""


def reset_time(text: str, now: datetime) -> UnixMs | None:
    """Return when a limit that a text tells of ends.

    Args:
        text: what the agent or its service said.
        now: when it said so, in the zone in which it tells times without one.

    Returns:
        The time, later than now and at most `FARTHEST` ahead; None where the text names none.
    """
    for reader in _READERS:
        moment = reader(text, now)
        if moment is not None and now < moment <= now + FARTHEST:
            return round(moment.timestamp() * 1000)
    return None


def _epoch(text: str, _now: datetime) -> datetime | None:
    found = _EPOCH.search(text)
    if found is None:
        return None
    seconds = int(found.group(1)) / (1000 if len(found.group(1)) > 10 else 1)
    return datetime.fromtimestamp(seconds, UTC)


def _header(text: str, now: datetime) -> datetime | None:
    if found := _RESETS_IN.search(text):
        return _later(now, float(found.group(1)))
    found = _RETRY_AFTER.search(text)
    if found is None:
        return None
    return _later(now, float(found.group(2)) * (0.001 if found.group(1) else 1.0))


def _span(text: str, now: datetime) -> datetime | None:
    for found in _IN.finditer(text):
        amounts = _AMOUNT.findall(_COMPACT.sub(" ", found.group("span").lower()))
        seconds = sum(float(number) * _UNITS[_unit(word)] for number, word in amounts)
        if seconds:
            return _later(now, seconds)
    return None


def _unit(word: str) -> str:
    return "ms" if word.startswith(("ms", "milli")) else word[0]


def _iso(text: str, now: datetime) -> datetime | None:
    found = _ISO.search(text)
    if found is None:
        return None
    try:
        moment = datetime.fromisoformat(found.group())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


def _wall(text: str, now: datetime) -> datetime | None:
    for found in _AT.finditer(text):
        clock = _clock(found)
        if clock is None:
            continue
        local = now.astimezone(_zone(found.group("zone"), now))
        try:
            return _day(found, local.replace(hour=clock[0], minute=clock[1], second=0, microsecond=0), local)
        except ValueError:
            continue
    return None


def _clock(found: re.Match[str]) -> tuple[int, int] | None:
    """Return hour and minute; a bare number is no time."""
    half = (found.group("half") or "").lower()[:1]
    if not half and found.group("minute") is None:
        return None
    hour, minute = int(found.group("hour")), int(found.group("minute") or 0)
    if half and not 1 <= hour <= 12:
        return None
    return (hour % 12 + (12 if half == "p" else 0) if half else hour), minute


def _day(found: re.Match[str], moment: datetime, now: datetime) -> datetime | None:
    """Return the first such moment after now.

    Raises:
        ValueError: there is no such day.
    """
    if month := found.group("month"):
        if month[:3].lower() not in _MONTHS:
            return None
        number = _MONTHS.index(month[:3].lower()) + 1
        dated = moment.replace(month=number, day=int(found.group("day")))
        year = found.group("year")
        if year is not None:
            return dated.replace(year=int(year))
        return dated if dated > now else dated.replace(year=dated.year + 1)
    if weekday := found.group("weekday"):
        moment += timedelta(days=(_DAYS.index(weekday[:3].lower()) - moment.weekday()) % 7)
        return moment if moment > now else moment + timedelta(days=7)
    return moment if moment > now else moment + timedelta(days=1)


def _zone(name: str | None, now: datetime) -> tzinfo | None:
    if name is None:
        return now.tzinfo
    if name.upper() in {"UTC", "GMT"}:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a zone that this machine does not know
        return now.tzinfo


def _later(now: datetime, seconds: float) -> datetime | None:
    return now + timedelta(seconds=seconds) if seconds <= FARTHEST.total_seconds() else None


_READERS: Final[tuple[Callable[[str, datetime], datetime | None], ...]] = (
    _epoch, _span, _header, _iso, _wall,
)  # fmt: skip
