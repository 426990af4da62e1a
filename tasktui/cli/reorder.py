"""`tasktui reorder`: move a queued task among those of its lane and priority."""

from __future__ import annotations

import click

from tasktui.cli.acting import act, ask
from tasktui.cli.printing import json_option, print_json, print_lines
from tasktui.cli.reading import resolve, row_of, stored
from tasktui.cli.session import Session
from tasktui.cli.targets import complete_ids, listing, only, task_argument
from tasktui.cli.task_lines import told_task
from tasktui.domain.errors import NotFoundError, StateError
from tasktui.domain.query import TaskQuery, Term
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Status
from tasktui.service.paths import task_path

_PLACES = ("first", "last", "earlier", "later")


@click.command()
@task_argument
@click.argument("place", type=click.Choice(_PLACES), required=False)
@click.option("--before", metavar="ID", shell_complete=complete_ids, help="To just before that task.")
@click.option("--after", metavar="ID", shell_complete=complete_ids, help="To just after that task.")
@json_option
@click.pass_obj
def reorder(
    session: Session, task: str, place: str | None, before: str | None, after: str | None, as_json: bool
) -> None:
    """Move a queued task among those of its lane and priority; `priority` moves it past the others."""
    session.must_act()
    if sum(where is not None for where in (place, before, after)) != 1:
        raise click.UsageError(f"say one of {', '.join(_PLACES)}, --before ID or --after ID.")
    task_id = only(session, task)
    other = before or after
    moves = [place] if place else _moves(session, task_id, other or "", behind=after is not None)
    made = {} if moves else ask(session, "GET", task_path(task_id))
    for move in moves:
        made = act(session, task_id, "reorder", {"where": move})
    if as_json:
        print_json([made])
    else:
        print_lines([told_task(made)])


def _moves(session: Session, task_id: str, other: str, *, behind: bool) -> list[str]:
    """Return the steps that lead from where a task stands to where it is wanted; none where it stands there.

    Raises:
        StateError: they do not stand in the same queue.
    """
    with stored(session) as reader:
        if reader is None:
            raise NotFoundError(f"Task not found: {other}", id=other)
        here, there = row_of(reader, task_id), row_of(reader, resolve(reader, other))
        _require_one_queue(here, there)
        waiting = TaskQuery((Term("lane", "is", (here.lane,)), Term("status", "is", (Status.QUEUED,))))
        line = [row for row in listing(reader, waiting) if row.priority == here.priority]
    line.sort(key=lambda row: (row.position, row.created_seq))
    ids = [row.id for row in line if row.id != task_id]
    now = [row.id for row in line].index(task_id)
    wanted = ids.index(there.id) + behind
    return _shortest(now, wanted, len(ids))


def _require_one_queue(here: TaskRow, there: TaskRow) -> None:
    for row in (here, there):
        if row.status is not Status.QUEUED:
            raise StateError(f"Not queued, it is {row.status}: {row.id}", id=row.id)
    if here.id == there.id:
        raise StateError(f"A task stands neither before nor after itself: {here.id}", id=here.id)
    if (here.lane, here.priority) != (there.lane, there.priority):
        raise StateError(
            f"They stand in different queues, {here.lane} with priority {here.priority} and "
            f"{there.lane} with priority {there.priority}. Change that first with tasktui edit or priority.",
            id=here.id,
        )


def _shortest(now: int, wanted: int, last: int) -> list[str]:
    """Return the fewest steps, by the front or the end where that is nearer."""
    straight = ["earlier"] * (now - wanted) if wanted < now else ["later"] * (wanted - now)
    by_front = ["first", *["later"] * wanted]
    by_end = ["last", *["earlier"] * (last - wanted)]
    return min((straight, by_front, by_end), key=len)
