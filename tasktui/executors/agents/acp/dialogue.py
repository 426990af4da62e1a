"""Agents that speak the Agent Client Protocol: JSON-RPC over lines, version 1 (agentclientprotocol.com)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskWarning
from tasktui.domain.events.work import RuntimeEvent
from tasktui.domain.facts import Facts
from tasktui.domain.ports.executor import Delivery
from tasktui.executors.agents.acp.asking import CANCELED, Asking
from tasktui.executors.agents.acp.choice import WISHES
from tasktui.executors.agents.acp.ending import (
    ended_turn,
    failed_request,
    no_asking_mode,
    said,
    wrong_version,
)
from tasktui.executors.agents.acp.prompts import INTERRUPT, PROMPT, Prompts
from tasktui.executors.agents.acp.session import BEGINNINGS, Session, WrongVersionError
from tasktui.executors.agents.acp.updates import Updates
from tasktui.executors.agents.bounds import NAME, cut
from tasktui.executors.agents.dialogue import Conclusion, End, Over, Refuse, Say, Step
from tasktui.executors.agents.json_lines import Calls, Id, id_of
from tasktui.executors.agents.pictures import Pictures, no_pictures
from tasktui.executors.agents.start import Start

TAKEN_BACK: Final = "$/cancel_request"
"""Tells that one of its requests needs no answer any more (of the protocol's unstable part)."""
_ITS_OWN: Final = ("_", "craft/")
"""How methods begin that only clients of the agent's own know; the second are Qwen Code's."""
_JSONRPC: Final = {"jsonrpc": "2.0"}


def argv(start: Start) -> tuple[str, ...]:
    """Return how the agent is started: all else is said by the protocol."""
    return start.preset.argv


class AcpDialogue:
    """The `Dialogue` with an agent of the protocol."""

    def __init__(self, start: Start, pictures: Pictures = no_pictures) -> None:
        """Take the task, and what reads the pictures that go with a prompt."""
        self._start = start
        self._calls = Calls(_JSONRPC)
        self._session = Session(start, self._calls)
        self._updates = Updates(start)
        self._asking = Asking(start, self._calls, self._updates.tools)
        self._prompts = Prompts(start, self._calls, self._session, pictures)
        self._conclusion: Conclusion | None = None
        self._canceled = False
        """Whether the agent was told to stop for good."""
        self._stopping = False
        """Whether it is to stop, told or not."""

    def opening(self) -> Iterable[Step]:
        """Say who we are."""
        return [self._session.opening()]

    # --- what comes

    def received(self, line: bytes) -> Iterable[Step]:
        """Take one line; what is no message is counted and passed over."""
        line = line.decode("utf-8", "replace").encode()
        facts = Facts(line)
        method = facts.text("method")
        if facts.broken or not facts.names():
            return self._updates.strange("no JSON object", "The agent wrote a line that is no message.")
        if not method:
            return self._answered(facts)
        number = id_of(facts, line) if "id" in facts.names() else None
        if number is not None:
            return self._requested(number, method, facts.record("params"))
        return self._notified(method, facts.record("params"))

    def _notified(self, method: str, params: Facts) -> Iterable[Step]:
        if method == TAKEN_BACK:
            return self._asking.withdrawn(params.value("requestId"))
        if method.startswith(_ITS_OWN):
            return [RuntimeEvent(event=cut(method, NAME))]
        if method != "session/update":
            return self._updates.strange(method)
        return self._updates.take(params.record("update"))

    def _requested(self, number: Id, method: str, params: Facts) -> list[Step]:
        match method:
            case "session/request_permission" if self._canceled:
                return [self._calls.answer(number, CANCELED)]
            case "session/request_permission":
                return [*self._updates.speech.finish(), *self._asking.permission(number, params)]
            case "elicitation/create":
                return self._asking.question(number, params)
            case _:
                return [
                    *self._unoffered(method),
                    self._calls.refuse(number, f"tasktui does not offer {method}"),
                ]

    def _unoffered(self, method: str) -> list[Data]:
        """Tell of a request that is refused; one of the agent's own is nothing that a person could mend."""
        if method.startswith(_ITS_OWN):
            return [RuntimeEvent(event=cut(method, NAME))]
        return self._updates.strange(method, f"The agent asked for what tasktui does not offer: {method}")

    def _answered(self, facts: Facts) -> list[Step]:
        method, asked = self._calls.answered(facts)
        failed = "error" in facts.names() and facts.value("error") is not None
        if method == PROMPT:
            return self._turn_ended(facts, failed=failed)
        if failed and method in WISHES:
            return self._ready(self._session.refused(method, asked, said(facts.record("error"))))
        if failed and method:
            return self._conclude(failed_request(method, facts.record("error"), self._session.logins))
        return self._advanced(method, facts.record("result"))

    def _advanced(self, method: str, result: Facts) -> list[Step]:
        if method == "initialize":
            try:
                return self._session.initialized(result)
            except WrongVersionError as exc:
                return self._conclude(wrong_version(exc.args[0]))
        if method in BEGINNINGS:
            return self._ready([*self._updates.replayed(), *self._session.begun(result)])
        if method in WISHES:
            return self._ready(self._session.next_wish())
        return [*self._updates.strange("an answer to nothing that was asked")]

    def _ready(self, steps: list[Step]) -> list[Step]:
        if self._stopping or self._prompts.said:
            return steps
        if self._session.unsafe:
            return [*steps, *self._conclude(no_asking_mode(self._session.unsafe))]
        return [*steps, *self._prompts.first()] if self._session.ready else steps

    # --- turns

    def _turn_ended(self, facts: Facts, *, failed: bool) -> list[Step]:
        result = facts.record("result")
        reason = "error" if failed else result.text("stopReason")
        canceled = self._canceled or reason == "cancelled"
        steps: list[Step] = [*self._updates.usage.answered(result)]
        if self._prompts.in_flight:
            return [*steps, *self._other_goes_on(facts, reason)]
        steps += [*self._close(canceled=canceled), *self._asking.left()]
        if not self._canceled and not failed and (following := self._prompts.next()):
            return [*steps, *following]
        return [*steps, *self._conclude(self._ending(facts, reason))]

    def _other_goes_on(self, facts: Facts, reason: str) -> list[Data]:
        """Take the answer to one of several prompts: the last one tells how the task ends."""
        ended = self._updates.speech.finish() if self._start.preset.intervene != "steer" else []
        if reason == "error":
            text = f"The agent did not take a message: {said(facts.record('error'))}"
            return [*ended, TaskWarning(message=text, code="agent_message")]
        if reason == "cancelled":
            return [*ended, *self._updates.tools.close(canceled=True, turn=self._prompts.said - 1)]
        return ended

    def _ending(self, facts: Facts, reason: str) -> Conclusion:
        usage, result = self._updates.usage.whole(), self._updates.speech.last or None
        if self._canceled:
            ending = ended_turn("cancelled", result=result, usage=usage)
            return replace(ending, evidence=f"stopReason {reason or 'missing'} after a cancel")
        if reason == "error":
            ending = failed_request(PROMPT, facts.record("error"), self._session.logins)
            return replace(ending, result=result, usage=usage)
        return ended_turn(reason, result=result, usage=usage)

    def _close(self, *, canceled: bool) -> list[Data]:
        updates = self._updates
        updates.tools.canceling = False
        return [*updates.speech.finish(), *updates.tools.close(canceled=canceled)]

    def _conclude(self, conclusion: Conclusion) -> list[Step]:
        self._conclusion = conclusion
        return [*self._prompts.refuse("The agent ended before it could be told."), Over()]

    # --- what is said

    def said(self, line: bytes) -> None:
        """Take note of a line that was handed to the agent: the state follows from it, whoever said it."""
        facts = self._calls.said(line)
        self._asking.said(facts)
        self._session.said(line)
        match facts.text("method"):
            case "session/prompt":
                self._conclusion = None  # an end that an earlier owner did not take for one
                self._session.prompted()
                self._prompts.said += 1
                self._updates.tools.turn = self._prompts.said
            case "session/load":
                self._updates.replaying = True
            case "session/cancel":
                self._updates.tools.canceling = True
                self._canceled |= INTERRUPT not in facts.record("params").record("_meta").names()

    def message(self, delivery: Delivery) -> Iterable[Step]:
        """Bring a message of a person as the agent takes it, or keep it until it can be brought."""
        if self._conclusion is not None or self._stopping or self._canceled:
            return [Refuse(delivery.intervention_id, "The agent is ending: it takes no message any more.")]
        steps = self._prompts.message(delivery)
        interrupts = delivery.mode == "interrupt" and any(isinstance(step, Say) for step in steps)
        return [*steps, *self._asking.left()] if interrupts else steps

    def answer(self, delivery: Delivery) -> Iterable[Step]:
        """Bring a decision or an answer to the agent."""
        return self._asking.answer(delivery)

    def stop(self) -> Iterable[Step]:
        """Cancel the turn, and what waits for a person; without a turn there is nothing to say."""
        self._stopping = True
        if not self._prompts.in_flight:
            return []
        refused = self._prompts.refuse("The task was stopped first.")
        return [self._prompts.cancel(), *self._asking.cancel(), *refused]

    # --- the end

    def ended(self, end: End) -> Iterable[Data]:
        """Close what the agent left open."""
        return self._close(canceled=end.stopped or self._canceled)

    def conclusion(self) -> Conclusion | None:
        """Return how the last turn ended; None when the agent did not say."""
        return self._conclusion
