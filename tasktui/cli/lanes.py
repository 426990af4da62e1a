"""`tasktui lanes`: how many tasks run at once, and changing that while they do."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final
from urllib.parse import quote

import click

from tasktui.cli.acting import ask
from tasktui.cli.names import complete_lanes
from tasktui.cli.owners import is_there
from tasktui.cli.printing import json_option, print_json, print_lines, tell
from tasktui.cli.reading import stored
from tasktui.cli.session import Session
from tasktui.cli.tables import Cell, Column, table, terminal_width
from tasktui.cli.whole_facts import whole_facts
from tasktui.domain.errors import NotFoundError, OwnerError
from tasktui.domain.facts import Facts
from tasktui.domain.status import ACTIVE
from tasktui.service.light import call

Lane = dict[str, Any]
_DEFAULT: Final = "default"
_COLUMNS: Final = (
    Column("LANE", elastic=True), Column("RUNNING", right=True), Column("LIMIT", right=True),
    Column("QUEUED", right=True), Column("STATE"),
)  # fmt: skip


@click.command()
@click.argument("name", required=False, shell_complete=complete_lanes)
@click.option("--limit", type=click.IntRange(1, 10_000), metavar="N", help="Let N of its tasks run at once.")
@click.option("--pause/--resume", "paused", default=None, help="Start nothing more from it, or go on.")
@json_option
@click.pass_obj
def lanes(session: Session, name: str | None, limit: int | None, paused: bool | None, as_json: bool) -> None:
    """List the lanes, or the lane NAME; change its limit, pause or resume it.

    What runs goes on, also where the limit is below what runs now.
    """
    if limit is not None or paused is not None:
        shown = [_changed(session, name, {"limit": limit, "paused": paused})]
    else:
        shown = [lane for lane in _all(session) if name in (None, lane["lane"])]
    if name is not None and not shown:
        raise NotFoundError(
            f"No lane has this name: {name}. tasktui lanes {name} --limit 2 makes it.", lane=name
        )
    if as_json:
        print_json(shown)
    else:
        print_lines(table(_COLUMNS, [_row(lane) for lane in shown], width=terminal_width()))


def _changed(session: Session, name: str | None, change: Lane) -> Lane:
    if name is None:
        raise click.UsageError("name the lane that is to change.")
    return ask(session, "POST", f"/v1/lanes/{quote(name, safe='')}", change, again=True)


def _all(session: Session) -> list[Lane]:
    if is_there(session.home):
        try:
            found: list[Lane] = call(session.home, "GET", "/v1/lanes")["items"]
        except OwnerError as exc:
            tell(exc.message)
        else:
            return found
    return _from_database(session)


def _from_database(session: Session) -> list[Lane]:
    """Return what an owner would say: the settings, what was changed since, and how many tasks there are."""
    limits = {_DEFAULT: session.config.lane_limit} | dict(session.config.lanes)
    paused: dict[str, bool] = {}
    numbers: Counter[tuple[str, bool]] = Counter()
    with stored(session) as reader:
        for fact in whole_facts(reader, "lane.changed") if reader is not None else ():
            change = Facts(fact.data)
            name = change.text("lane")
            limits[name] = change.number("limit") or limits.get(name, session.config.lane_limit)
            paused[name] = change.flag("paused", default=paused.get(name, False))
        for name, status, number in reader.lane_counts() if reader is not None else ():
            numbers[name, status in ACTIVE] += number
    names = dict.fromkeys((*limits, *(name for name, _ in numbers)))
    return [
        {
            "lane": name, "limit": limits.get(name, session.config.lane_limit),
            "running": numbers[name, True], "queued": numbers[name, False],
            "paused": paused.get(name, False),
        }
        for name in names
    ]  # fmt: skip


def _row(lane: Lane) -> tuple[Cell | str, ...]:
    return (
        Cell(lane["lane"], "strong"), f"{lane['running']:,}", f"{lane['limit']:,}", f"{lane['queued']:,}",
        Cell("‖ paused", "warn") if lane["paused"] else "",
    )  # fmt: skip
