"""Instants as the screen shows them: local, absolute."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasktui.domain.rows import UnixMs


def clock(instant: UnixMs | None) -> str:
    """Return an instant as `21:40:09`, eight blanks for none."""
    return _formatted("%H:%M:%S", instant) or " " * 8


def day_and_clock(instant: UnixMs | None) -> str:
    """Return an instant as `2026-11-21 21:40:09`, empty for none."""
    return _formatted("%Y-%m-%d %H:%M:%S", instant)


def _formatted(pattern: str, instant: UnixMs | None) -> str:
    if instant is None:
        return ""
    try:
        return time.strftime(pattern, time.localtime(instant / 1000))
    except (OverflowError, ValueError, OSError):
        return "????????"
