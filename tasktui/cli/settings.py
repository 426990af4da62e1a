"""`tasktui config`: the settings, where they come from, and whether they are right."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from tasktui.cli.printing import json_option, print_json, print_lines
from tasktui.cli.reading import query_of
from tasktui.cli.session import Session
from tasktui.cli.tables import Cell, Column, table
from tasktui.config import KEYS, user_file
from tasktui.domain.hosts import Host


@click.group()
def config() -> None:
    """Show, check or locate the settings."""


@config.command()
@click.option("--origin", is_flag=True, help="And where each value comes from.")
@json_option
@click.pass_obj
def show(session: Session, origin: bool, as_json: bool) -> None:
    """Print every setting and its value."""
    if as_json:
        print_json(
            {"key": key, "value": _plain(getattr(session.config, key)), "origin": _origin(session, key)}
            for key in KEYS
        )
        return
    columns = (Column("KEY"), Column("VALUE"), Column("FROM"))[: 3 if origin else 2]
    rows = [
        (Cell(key, "strong"), _text(getattr(session.config, key)), _origin(session, key))[: len(columns)]
        for key in KEYS
    ]
    print_lines(table(columns, rows))


@config.command()
@click.pass_obj
def check(session: Session) -> None:
    """Check all sources: an unknown key, a wrong value or a clash of keys is an error."""
    from textual.theme import BUILTIN_THEMES

    from tasktui.bootstrap import webhook
    from tasktui.ui import keymap
    from tasktui.ui.themes import theme_named

    keymap.check(keymap.chosen(session.config.keymap, safe_mode=session.config.safe_mode))
    theme_named(session.config.theme, BUILTIN_THEMES)
    webhook.check(session.config.webhook, session.config.webhook_on)
    for name in session.config.filters:
        query_of((f"@{name}",), saved=session.config.filters)
    changed = [key for key in KEYS if key in session.loaded.origins]
    print_lines([f"The settings are fine: {len(changed)} of {len(KEYS)} differ from their defaults."])


@config.command()
def path() -> None:
    """Print where the user's file is, whether it is there or not."""
    click.echo(str(user_file(os.environ)))


def _origin(session: Session, key: str) -> str:
    return session.loaded.origins.get(key, "default")


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [one._asdict() if isinstance(one, Host) else one for one in value]
    return str(value) if isinstance(value, Path) else dict(value) if isinstance(value, Mapping) else value


def _text(value: object) -> str:
    return " ".join(_words(value)) or "—"


def _words(value: object) -> Iterator[str]:
    if isinstance(value, bool):
        yield "yes" if value else "no"
    elif isinstance(value, Mapping):
        # what a table holds is for --json: it is longer than a line
        yield from (name if isinstance(item, Mapping) else f"{name}={item}" for name, item in value.items())
    elif isinstance(value, tuple):
        yield from map(str, value)
    else:
        yield f"{value:g}" if isinstance(value, float) else str(value)
