"""`tasktui gate`: run a check about a task and record its verdict."""

from __future__ import annotations

import secrets
from typing import Any, Final
from urllib.parse import quote

import click

from tasktui.cli.acting import ensure_owner
from tasktui.cli.params import SPAN
from tasktui.cli.printing import json_option, print_json, print_lines
from tasktui.cli.session import Session
from tasktui.cli.targets import only, task_argument
from tasktui.domain.clean import clean
from tasktui.service.light import call
from tasktui.service.paths import task_path

CLEANLY: Final = "applies cleanly"
"""By which the verdict about a patch says that it is a good one."""
_TIMED_OUT: Final = 124
_BEYOND_S: Final = 60.0
"""For the owner to end the program and to store the record."""


@click.command()
@task_argument
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.option("--name", default="custom", metavar="WORD", help="What is checked: fmt, check, test, …")
@click.option("--id", "gate_id", metavar="GATE", help="Take the place of the record with this id.")
@click.option("--cwd", metavar="DIR", help="Instead of the task's directory; relative to it.")
@click.option("--timeout", "timeout_s", type=SPAN, default="2m", help="From 1s to 10m; 2m unless said.")
@click.option("--attempt", metavar="ATTEMPT", help="See whether this attempt's patch applies to its base.")
@json_option
@click.pass_obj
def gate(session: Session, /, task: str, **given: Any) -> int:
    """Run a check in a task's directory and record its verdict: `tasktui gate ID -- make test`.

    It exits 0 when the check passed, 1 when it failed, and 124 when it took too long.
    """
    session.must_act()
    if bool(given["command"]) == bool(given["attempt"]):
        raise click.UsageError("say a command after --, or --attempt.")
    task_id = only(session, task)
    ensure_owner(session)
    record = (
        _verified(session, task_id, given["attempt"]) if given["attempt"] else _run(session, task_id, given)
    )
    if given["as_json"]:
        print_json([record])
    else:
        print_lines([clean(_told(record))])
    return _code(record)


def _run(session: Session, task_id: str, given: dict[str, Any]) -> dict[str, Any]:
    gate_id = given["gate_id"] or f"gate_{secrets.token_hex(8)}"
    body = {
        "command": list(given["command"]), "gate": given["name"], "id": gate_id, "cwd": given["cwd"],
        "timeout_ms": int(given["timeout_s"] * 1000),
    }  # fmt: skip
    limit_s = given["timeout_s"] + _BEYOND_S
    detail = call(session.home, "POST", task_path(task_id, "/gate"), body, limit_s=limit_s)
    return _record(detail["gates"], gate_id)


def _verified(session: Session, task_id: str, attempt: str) -> dict[str, Any]:
    path = task_path(task_id, f"/attempts/{quote(attempt, safe='')}/verify")
    detail = call(session.home, "POST", path, {}, limit_s=2 * _BEYOND_S + _BEYOND_S)
    return _record(detail["attempts"], attempt)


def _record(records: list[dict[str, Any]], key: str) -> dict[str, Any]:
    return next(record for record in records if record["key"] == key)


def _told(record: dict[str, Any]) -> str:
    if "status" not in record:
        return str(record["verification"][-1])
    log = f", log {record['log_path']}" if record.get("log_path") else ""
    return f"{record['gate']} {record['status']}: {record['summary']}{log}"


def _code(record: dict[str, Any]) -> int:
    if "status" not in record:
        return 0 if CLEANLY in record["verification"][-1] else 1
    return {"passed": 0, "timeout": _TIMED_OUT}.get(record["status"], 1)
