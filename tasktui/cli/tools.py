"""`tasktui tools`: the tool calls of a task."""

from __future__ import annotations

from operator import attrgetter
from typing import Final

import click

from tasktui.cli.printing import json_option, print_json, print_lines, tell
from tasktui.cli.reading import PAGE, every, one_task
from tasktui.cli.session import Session
from tasktui.cli.tables import Cell, Column, Row, table, terminal_width
from tasktui.cli.targets import task_argument
from tasktui.domain.amounts import duration
from tasktui.domain.records import ToolCall
from tasktui.domain.wire_records import TOOL_CALL

_COLUMNS: Final = (
    Column("#", right=True), Column("TOOL"), Column("STATUS"), Column("TOOK", right=True),
    Column("INPUT", elastic=True),
)  # fmt: skip
_STYLES: Final = {"success": "good", "failed": "bad", "running": "running", "canceled": "canceled"}


@click.command()
@task_argument
@json_option
@click.pass_obj
def tools(session: Session, task: str, as_json: bool) -> None:
    """Print the tool calls of a task, oldest first."""
    with one_task(session, task) as (reader, task_id):
        calls = every(lambda after: reader.tools(task_id, after=after, limit=PAGE), 0, attrgetter("number"))
        if as_json:
            print_json(map(TOOL_CALL.object, calls))
            return
        rows = list(map(_row, calls))
    if not rows:
        tell(f"No tool calls: {task_id}")
        return
    print_lines(table(_COLUMNS, rows, width=terminal_width()))


def _row(call: ToolCall) -> Row:
    took = duration(call.duration_ms) if call.duration_ms is not None else ""
    said = call.input_summary or call.output_summary or ""
    return str(call.number), call.name, Cell(call.status, _STYLES.get(call.status, "")), took, said
