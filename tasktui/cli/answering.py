"""What a person types to answer a task."""

from __future__ import annotations

from tasktui.domain.facts import Facts
from tasktui.domain.records import StoredEvent


def way_to_answer(task_id: str, request_id: str, *, permission: bool) -> str:
    """Return the command that answers a request: a permission is given or refused, a question gets a text."""
    if permission:
        return f"tasktui approve {task_id} or tasktui deny {task_id}"
    return f"tasktui send {task_id} --answer {request_id} TEXT"


def way_for(event: StoredEvent) -> str:
    """Return the command that answers what this event asks; empty where it asks nothing."""
    if event.type not in {"input.requested", "approval.requested"}:
        return ""
    request_id = Facts(event.data, {}).text("request_id")
    return way_to_answer(event.task_id, request_id, permission=event.type == "approval.requested")


def sentence(text: str) -> str:
    """Return it with a full stop, where it ends in none."""
    return text if text[-1:] in set(".?!") else f"{text}."
