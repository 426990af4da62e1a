"""Durations, sizes and counts as a person reads them: short, and in the same words everywhere."""

from __future__ import annotations

from typing import Final

_SECOND: Final = 1000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_STEP: Final = 1024
_SHORT: Final = 10


def duration(milliseconds: float) -> str:
    """Return a length of time in at most two units: `0.4s`, `12s`, `4m12s`, `3h05m`, `2d04h`."""
    ms = max(0, int(milliseconds))
    if ms < _SHORT * _SECOND:
        return f"{ms // 100 / 10:.1f}s"
    if ms < _MINUTE:
        return f"{ms // _SECOND}s"
    if ms < _HOUR:
        return f"{ms // _MINUTE}m{ms % _MINUTE // _SECOND:02}s"
    if ms < _DAY:
        return f"{ms // _HOUR}h{ms % _HOUR // _MINUTE:02}m"
    return f"{ms // _DAY}d{ms % _DAY // _HOUR:02}h"


def size(count: int) -> str:
    """Return a number of bytes with its unit: `812 B`, `2.1 KiB`, `1.2 GiB`."""
    if count < _STEP:
        return f"{count} B"
    step = min(4, (count.bit_length() - 1) // 10)
    value = count / _STEP**step
    unit = ("B", "KiB", "MiB", "GiB", "TiB")[step]
    return f"{value:.1f} {unit}" if value < _SHORT else f"{value:.0f} {unit}"


def tokens(count: int) -> str:
    """Return a number of tokens: `812`, `21k`, `1.4M`."""
    if count < _SECOND:
        return str(count)
    if count < _SECOND**2:
        return f"{count // _SECOND}k"
    return f"{count / _SECOND**2:.1f}M"
