"""`tasktui schedules`: what recurs, and ending that."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

import click

from tasktui.cli.acting import ask, each
from tasktui.cli.names import complete_schedules
from tasktui.cli.owners import is_there
from tasktui.cli.printing import json_option, print_json, print_lines, tell
from tasktui.cli.reading import now_ms, stored
from tasktui.cli.session import Session
from tasktui.cli.tables import Cell, Column, Row, table, terminal_width
from tasktui.cli.task_lines import SHORT
from tasktui.cli.whole_facts import whole_facts
from tasktui.domain.amounts import duration
from tasktui.domain.clean import clean
from tasktui.domain.errors import OwnerError
from tasktui.domain.facts import Facts
from tasktui.domain.ids import choose
from tasktui.domain.rows import UnixMs
from tasktui.domain.wire import time_text, time_value
from tasktui.service.light import call
from tasktui.store.sqlite.reader import Reader

Schedule = dict[str, Any]
_COLUMNS: Final = (
    Column("SCHEDULE"), Column("EVERY"), Column("NEXT", right=True), Column("LANE"),
    Column("TITLE", elastic=True), Column("TASK"),
)  # fmt: skip
_SET, _STOPPED = "schedule.set", "schedule.stopped"


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def schedules(ctx: click.Context, as_json: bool) -> None:
    """List what recurs, with when each fires next; `schedules stop` ends one."""
    if ctx.invoked_subcommand is not None:
        return
    found = _all(ctx.obj)
    if as_json:
        print_json(found)
    elif not found:
        tell("Nothing recurs. tasktui run --every 1h -- CMD begins it.")
    else:
        now = now_ms()
        print_lines(table(_COLUMNS, [_row(one, now) for one in found], width=terminal_width()))


@schedules.command()
@click.argument("names", metavar="SCHEDULE…", nargs=-1, required=True, shell_complete=complete_schedules)
@json_option
@click.pass_obj
def stop(session: Session, names: tuple[str, ...], as_json: bool) -> None:
    """End schedules: the next firing of each is canceled, one that runs goes on."""
    session.must_act()
    known = [str(one["schedule_id"]) for one in _all(session)]
    ids = [choose(name, [one for one in known if one.startswith(name)]) for name in names]
    each(
        ids,
        lambda one: ask(session, "POST", f"/v1/schedules/{quote(one, safe='')}/stop", {}),
        lambda one: f"{one['schedule_id']}  stopped  {clean(one['title'])}",
        as_json=as_json,
    )


def _all(session: Session) -> list[Schedule]:
    if is_there(session.home):
        try:
            found: list[Schedule] = call(session.home, "GET", "/v1/schedules")["items"]
        except OwnerError as exc:
            tell(exc.message)
        else:
            return found
    with stored(session) as reader:
        return [] if reader is None else _from_database(reader)


def _from_database(reader: Reader) -> list[Schedule]:
    found: dict[str, Schedule] = {}
    for event in whole_facts(reader, _SET, _STOPPED):
        fact = Facts(event.data)
        name = fact.text("schedule_id")
        if event.type == _STOPPED:
            found.pop(name, None)
            continue
        every = fact.record("spec").text("every")
        found[name] = {"schedule_id": name, "every": every, "created_at": time_text(event.ts)}
    return [known | _newest(reader, name) for name, known in found.items()]


def _newest(reader: Reader, schedule_id: str) -> Schedule:
    """Return what the newest firing tells about its schedule."""
    row = reader.newest_firing(schedule_id)
    if row is None:
        return {"title": "", "lane": "", "next_at": None, "task_id": None}
    due = row.not_before or row.created_at
    return {"title": row.title, "lane": row.lane, "next_at": time_text(due), "task_id": row.id}


def _row(one: Schedule, now: UnixMs) -> Row:
    return (
        Cell(one["schedule_id"], "strong"), one["every"], _next(one["next_at"], now), one["lane"],
        one["title"], (one["task_id"] or "-")[:SHORT],
    )  # fmt: skip


def _next(text: str | None, now: UnixMs) -> str:
    left = time_value(text) - now if text else 0
    return f"in {duration(left // 1000 * 1000)}" if left >= 1000 else "now" if text else "-"
