"""Instants as a person types them, by the clock on the wall."""

from __future__ import annotations

from datetime import datetime, time, timedelta


def parse_moment(text: str, now: datetime) -> datetime:
    """Return the instant of `22:30`, the next time the clock says so, or of `2026-11-21T22:30`.

    Args:
        text: what was typed; without an offset it is the time on this machine's wall.
        now: an aware instant.

    Raises:
        ValueError: it is like neither.
    """
    try:
        return next_at(time.fromisoformat(text.strip()), now.astimezone())
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError) as exc:
        raise ValueError(f"not like 22:30 or 2026-11-21T22:30: {text.strip()}") from exc


def next_at(clock: time, now: datetime) -> datetime:
    """Return the next instant at which the clock on the wall says so."""
    wall = now.replace(tzinfo=None)
    wanted = datetime.combine(wall.date(), clock.replace(tzinfo=None))
    # the offset of that instant, which the end of summer time may have changed
    return (wanted if wanted > wall else wanted + timedelta(days=1)).astimezone()
