"""Lengths of time as people write them: `90s`, `10m`, `1h30m`, `2d`."""

from __future__ import annotations

import re
from typing import Final

_UNITS_MS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
LONGEST_MS: Final = 36_525 * 86_400_000
"""A hundred years: what is longer is a slip, and a later sum of it fits no database."""
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdw])")
_WHOLE: Final = re.compile(rf"(?:{_PART.pattern})+")


def parse_duration(word: str) -> int:
    """Return milliseconds; a bare number is seconds.

    Raises:
        ValueError: it is no length of time.
    """
    lowered = word.strip().lower()
    if re.fullmatch(r"\d+(\.\d+)?", lowered):
        lowered += "s"
    if not _WHOLE.fullmatch(lowered):
        raise ValueError(f"not a length of time, such as 90s, 10m, 1h30m or 2d: {word!r}")
    length = sum(float(number) * _UNITS_MS[unit] for number, unit in _PART.findall(lowered))
    if length > LONGEST_MS:
        raise ValueError(f"longer than a hundred years: {word!r}")
    return int(length)
