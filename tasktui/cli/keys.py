"""`tasktui keys`: every key of the dashboard and what it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from tasktui.cli.printing import json_option, painted, print_json, print_lines
from tasktui.cli.session import Session
from tasktui.cli.tables import Cell, Column, table

if TYPE_CHECKING:
    from tasktui.ui.keymap import Key


@click.command()
@click.option("--check", is_flag=True, help="Only check the keys of the settings.")
@json_option
@click.pass_obj
def keys(session: Session, check: bool, as_json: bool) -> None:
    """Print every key and its action; `keymap` in the settings gives an action other keys by its id."""
    from tasktui.ui import keymap

    own = keymap.chosen(session.config.keymap, safe_mode=session.config.safe_mode)
    keymap.check(own)
    if check:
        print_lines([f"The keymap is fine: {len(own)} of {len(keymap.TABLE)} actions have keys of your own."])
    elif as_json:
        print_json(
            {"id": key.id, "keys": key.shown(own), "description": key.description, "context": key.context}
            for key in keymap.TABLE
        )
    else:
        print_lines(_lines(keymap.TABLE, own))


def _lines(entries: tuple[Key, ...], own: Mapping[str, str]) -> Iterator[str]:
    columns = (Column("KEYS"), Column("ACTION"), Column("ID"))
    rows = [
        (Cell(" ".join(key.shown(own)), "strong"), key.description, Cell(key.id, "muted")) for key in entries
    ]
    groups = [key.group for key in entries]
    heading, *lines = table(columns, rows)
    yield heading
    for group in dict.fromkeys(groups):
        yield painted(group, "strong")
        yield from (line for line, its in zip(lines, groups, strict=True) if its == group)
