"""How the end of a turn of Codex ends the task."""

from __future__ import annotations

from typing import Any

from tasktui.domain.facts import Facts
from tasktui.domain.status import Reason, Status
from tasktui.executors.agents import advice
from tasktui.executors.agents.codex.limits import Limits, code_of
from tasktui.executors.agents.dialogue import Conclusion


def ended_turn(
    status: str, error: Facts, limits: Limits, *, result: str | None, usage: dict[str, Any] | None
) -> Conclusion:
    """Return the end of the task.

    Args:
        status: of the turn, in the server's word.
        error: what the server said of a turn that failed.
        limits: what it told of its provider's limits.
        result: the last message of the agent.
        usage: what was used.
    """
    word = f"turn/completed: {status}"
    if status == "completed":
        return Conclusion(Status.COMPLETED, Reason.COMPLETED, word, result=result, usage=usage)
    if status == "interrupted":
        return Conclusion(Status.CANCELED, Reason.CANCELED, word, result=result, usage=usage)
    text, code = error.text("message") or "The turn failed.", code_of(error)
    limit = limits.of_error(code or advice.code_of(text))
    return Conclusion(
        Status.FAILED, Reason.ERROR, word, result=result, error=text, error_code=code,
        usage=usage if limit is None else {**(usage or {}), "limit": limit},
    )  # fmt: skip
