"""Handing a task to the owner, once, however often the request has to be repeated."""

from __future__ import annotations

from typing import Any, Final

from tasktui.cli.acting import act, ask
from tasktui.cli.attaching import attach
from tasktui.cli.session import Session
from tasktui.cli.task_options import Given, environment, spec_object
from tasktui.domain.errors import InvalidError, TaskConflictError
from tasktui.manager.clock import RandomIds
from tasktui.service.paths import task_path

_WHERE: Final = "body.spec."
_WHAT: Final = "Value error, "


def submit(session: Session, work: dict[str, Any], given: Given) -> dict[str, Any]:
    """Queue a task and return its object.

    Args:
        session: of this call.
        work: the `work` of its spec.
        given: the options of `task_options`.

    Raises:
        InvalidError: it cannot run as asked.
        TasktuiError: the owner refuses it for another reason, or does not answer.
    """
    session.must_act()
    task_id = RandomIds().task()
    files = attach(session, task_id, given.get("attach") or ())
    if files and work["kind"] == "agent":
        work = {**work, "attachments": files}
    body = {"spec": spec_object(work, given), "env": environment(given), "task_id": task_id}
    try:
        return ask(session, "POST", "/v1/tasks", body, again=True)
    except TaskConflictError as exc:
        holder = exc.details.get("holder")
        if holder != task_id:
            told = f"The key {given.get('exclusive_key')} is taken by {holder}."
            raise TaskConflictError(
                f"{told} --on-conflict queue waits in line for it.", **exc.details
            ) from exc
        # the owner had taken it, and its answer was lost
        return ask(session, "GET", task_path(task_id))
    except InvalidError as exc:
        raise in_the_words_of_the_command(exc) from exc


def put(session: Session, task_id: str, verb: str, body: dict[str, Any]) -> dict[str, Any]:
    """Hand a changed spec to the owner.

    Raises:
        InvalidError: it cannot run as asked.
        TasktuiError: the owner refuses it for another reason, or does not answer.
    """
    try:
        return act(session, task_id, verb, body)
    except InvalidError as exc:
        raise in_the_words_of_the_command(exc) from exc


def in_the_words_of_the_command(error: InvalidError) -> InvalidError:
    """Leave out where in the request it stood."""
    where, colon, what = error.message.partition(": ")
    if not where.startswith(_WHERE):
        return error
    field = where.removeprefix(_WHERE).removeprefix("work.").removeprefix("shell").lstrip(".")
    told = what.removeprefix(_WHAT)
    return InvalidError(f"{field.replace('_', ' ')}{colon if field else ''}{told}", **error.details)
