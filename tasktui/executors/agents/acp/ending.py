"""How the last word of an agent ends the task: the reason why its turn stopped, or its error."""

from __future__ import annotations

from typing import Any, Final

from tasktui.domain.facts import Facts
from tasktui.domain.status import Reason, Status
from tasktui.executors.agents.acp.codes import AUTH_REQUIRED, UNREACHABLE
from tasktui.executors.agents.acp.tool_call import given_json
from tasktui.executors.agents.bounds import SUBJECT, cut
from tasktui.executors.agents.dialogue import Conclusion

_CODES: Final = {AUTH_REQUIRED: "agent_login", UNREACHABLE: "agent_network"}
_STOPPED: Final = {
    "max_tokens": "The agent stopped at its limit of tokens, before it was done.",
    "max_turn_requests": "The agent stopped at its limit of requests to its model, before it was done.",
    "refusal": "The agent refused to do this.",
}


def ended_turn(reason: str, *, result: str | None, usage: dict[str, Any] | None) -> Conclusion:
    """Return the end of which the answer to the last prompt tells by its stop reason."""
    word = f"stopReason {reason or 'missing'}"
    match reason:
        case "end_turn":
            return Conclusion(Status.COMPLETED, Reason.COMPLETED, word, result=result, usage=usage)
        case "cancelled":
            return Conclusion(Status.CANCELED, Reason.CANCELED, word, result=result, usage=usage)
        case _:
            error = _STOPPED.get(reason, f"The agent ended its turn for a reason that is not known: {word}.")
            return Conclusion(Status.FAILED, Reason.ERROR, word, result=result, error=error, usage=usage)


def failed_request(method: str, error: Facts, logins: list[str]) -> Conclusion:
    """Return the end that an error answer to one of our requests makes."""
    text, code = said(error), _CODES.get(error.number("code") or 0)
    if code == "agent_login" and logins:
        text += f" It offers: {', '.join(logins)}."
    word = f"{method}: error {error.text('code')}".rstrip()
    before = {
        "session/load": "The session could not be taken up again: ",
        "session/resume": "The session could not be taken up again: ",
    }.get(method, "")
    return Conclusion(Status.FAILED, Reason.ERROR, word, error=f"{before}{text}", error_code=code)


def wrong_version(spoken: object) -> Conclusion:
    """Return the end that another version of the protocol makes."""
    error = f"The agent speaks version {spoken} of its protocol; tasktui speaks version 1."
    word = f"protocolVersion {spoken}"
    return Conclusion(Status.FAILED, Reason.ERROR, word, error=error, error_code="agent_version")


def no_asking_mode(why: str) -> Conclusion:
    """Return the end before the first prompt to an agent that cannot be held to ask."""
    return Conclusion(Status.FAILED, Reason.ERROR, "no asking mode", error=why, error_code="agent_mode")


def said(error: Facts) -> str:
    """Return an error in the agent's words, with its details where it gives some."""
    details = error.record("data").text("details") or error.record("data").text("message")
    details = details or error.text("data") or given_json(error.value("data"))
    message = error.text("message") or "The agent gave an error without words."
    return cut(message if not details or details in message else f"{message}: {details}", SUBJECT)
