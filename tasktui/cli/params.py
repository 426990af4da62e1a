"""Kinds of option values: lengths of time, and pairs of a name and a value."""

from __future__ import annotations

import click

from tasktui.domain.durations import parse_duration


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


SPAN = Span()
PAIR = Pair()
