"""`tasktui stats`: figures about the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

import click

from tasktui.bootstrap.repairs import unread_repair
from tasktui.cli.owners import is_there
from tasktui.cli.printing import json_option, print_json, print_lines, tell
from tasktui.cli.reading import database, stored, stored_bytes
from tasktui.cli.session import Session
from tasktui.domain.amounts import duration, size
from tasktui.domain.clean import clean
from tasktui.domain.errors import OwnerError
from tasktui.domain.rows import Counts
from tasktui.domain.status import Status
from tasktui.domain.wire_records import counts_object
from tasktui.service.light import call

_LABEL: Final = 12


@click.command()
@json_option
@click.pass_obj
def stats(session: Session, as_json: bool) -> None:
    """Print figures about the whole: tasks by status, lanes, the database, the owner."""
    made = _from_owner(session) or _from_database(session)
    repaired = unread_repair(session.home)
    made["repaired"] = asdict(repaired) if repaired is not None else None
    if as_json:
        print_json([made])
    else:
        print_lines(_lines(made))
        if repaired is not None:
            print_lines([_field("repaired", clean(repaired.sentence))])


def _from_owner(session: Session) -> dict[str, Any] | None:
    if not is_there(session.home):
        return None
    try:
        return call(session.home, "GET", "/v1/stats")
    except OwnerError as exc:
        tell(exc.message)
        return None


def _from_database(session: Session) -> dict[str, Any]:
    """Return what can be told without an owner."""
    with stored(session) as reader:
        counts = reader.counts() if reader is not None else Counts(())
        made: dict[str, Any] = {"counts": counts_object(counts), "events": reader.head() if reader else 0}
    file = database(session)
    return made | {"lanes": [], "database_bytes": stored_bytes(file), "pid": 0}


def _lines(made: dict[str, Any]) -> Iterator[str]:
    counts = made["counts"]
    by_status = counts["by_status"]
    told = [f"{by_status[status]:,} {status}" for status in Status if by_status.get(status)]
    yield _field("tasks", f"{counts['total']:,}{': ' if told else ''}{', '.join(told).replace('_', ' ')}")
    for name, text in (("needs_you", "need you"), ("held", "held"), ("archived", "archived")):
        if counts[name]:
            yield _field("", f"{counts[name]:,} {text}")
    for lane in made["lanes"]:
        paused = ", paused" if lane["paused"] else ""
        busy = f"{lane['running']} of {lane['limit']} running, {lane['queued']} queued{paused}"
        yield _field("lane", f"{clean(lane['lane'])}: {busy}")
    yield _field("events", f"{made['events']:,}")
    yield _field("database", size(made["database_bytes"]))
    if not made["pid"]:
        yield _field("owner", "none; tasktui serve starts one, and so does a command that acts")
        return
    yield _field("owner", f"process {made['pid']}, for {duration(made['uptime_s'] * 1000)}")
    if made.get("degraded"):
        yield _field("trouble", clean(made["degraded"]))


def _field(label: str, text: str) -> str:
    return f"{label.ljust(_LABEL)} {text}"
