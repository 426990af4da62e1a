"""Kinds of option values: lengths of time, instants, and pairs of a name and a value."""

from __future__ import annotations

from datetime import datetime

import click

from tasktui.domain.durations import parse_duration
from tasktui.domain.moments import parse_moment


class Span(click.ParamType[float]):
    """A length of time such as `90s`, `10m` or `1h30m`, in seconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it."""
        if isinstance(value, float):
            return value
        try:
            return parse_duration(str(value)) / 1000
        except ValueError as exc:
            self.fail(str(exc), param, ctx)


class Pair(click.ParamType[tuple[str, str]]):
    """A name and a value, `NAME=VALUE`."""

    name = "name=value"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Read it."""
        name, equals, text = str(value).partition("=")
        if not equals or not name.strip() or "\0" in name:
            self.fail(f"not like NAME=VALUE: {value}", param, ctx)
        return name, text


class Instant(click.ParamType[datetime]):
    """An instant: `22:30`, the next time the clock says so, or `2026-11-21T22:30`, with `Z` or an offset."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read it; without an offset it is the time on this machine's wall."""
        if isinstance(value, datetime):
            return value
        try:
            return parse_moment(str(value), datetime.now().astimezone())
        except ValueError as exc:
            self.fail(str(exc), param, ctx)


SPAN = Span()
INSTANT = Instant()
PAIR = Pair()
