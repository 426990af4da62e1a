"""The last word of a turn, as the end of the task that it means."""

from __future__ import annotations

from typing import Any, Final

from tasktui.domain.facts import Facts
from tasktui.domain.status import Reason, Status
from tasktui.executors.agents.claude.limits import Limits
from tasktui.executors.agents.dialogue import Conclusion

_SENTENCES: Final = {
    "error_max_turns": "The agent used up its number of turns ({turns}) before it was done.",
    "error_max_budget_usd": "The agent used up its budget before it was done.",
    "error_max_structured_output_retries": "The agent did not give its result in the form asked for.",
    "error_during_execution": "The agent stopped before it was done.",
}
_REASONS: Final = {"error_max_budget_usd": Reason.BUDGET_EXCEEDED}


def conclusion_of(
    result: Facts, *, stopping: bool, denied: bool, limits: Limits, used: dict[str, Any], last: str
) -> Conclusion:
    """Return what a result means.

    Args:
        result: the agent's `result` event.
        stopping: whether we had asked it to stop.
        denied: whether a call was not permitted in the run.
        limits: what it said about its provider's limits.
        used: tokens and money.
        last: its last message, for a result that repeats no text.
    """
    subtype = result.text("subtype") or "success"
    evidence = f"result {subtype}"
    if terminal := result.text("terminal_reason"):
        evidence += f", {terminal}"
    text = result.text("result")
    if subtype == "success" and not result.flag("is_error"):
        reason = Reason.COMPLETED_WITH_ERRORS if denied or denials(result) else Reason.COMPLETED
        return Conclusion(Status.COMPLETED, reason, evidence, result=text or last or None, usage=used)
    if stopping:
        return Conclusion(Status.CANCELED, Reason.CANCELED, evidence, result=last or None, usage=used)
    error = _error(result, subtype)
    last = "" if last == error else last
    limit = limits.of_error(error, result.number("api_error_status"))
    return Conclusion(
        Status.FAILED, _REASONS.get(subtype, Reason.ERROR), evidence,
        result=last or None, error=error, error_code=None if limit is None else "agent_limit",
        usage=used if limit is None else {**used, "limit": limit},
    )  # fmt: skip


def denials(result: Facts) -> list[Facts]:
    """Return the calls that were not permitted."""
    return result.records("permission_denials")


def _error(result: Facts, subtype: str) -> str:
    said = [result.text("result"), *_errors(result)]
    words = [text for text in said if text and not text.startswith("[ede_diagnostic]")]
    sentence = _SENTENCES.get(subtype, "" if words else f"The agent ended with {subtype}.")
    sentence = sentence.format(turns=result.number("num_turns") or "?")
    return "\n".join([sentence, *words] if sentence else words)


def _errors(result: Facts) -> list[str]:
    error = result.record("error")
    return [*result.words("errors"), result.text("error") or error.text("message")]
