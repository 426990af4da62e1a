"""Instants as the replaced systems have them: aware datetimes in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, overload

from tasktui.domain.rows import UnixMs

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@overload
def instant(ms: UnixMs) -> datetime: ...
@overload
def instant(ms: UnixMs | None) -> datetime | None: ...
def instant(ms: UnixMs | None) -> datetime | None:
    """Return the instant as a datetime."""
    return None if ms is None else _EPOCH + timedelta(milliseconds=ms)
