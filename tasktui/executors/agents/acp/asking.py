"""What an agent asks us: permissions, decided by the rules of the task or by a person, and questions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskWarning
from tasktui.domain.events.people import ApprovalExpired, ApprovalRequested, InputExpired, InputRequested
from tasktui.domain.facts import Facts
from tasktui.domain.ports.executor import Delivery
from tasktui.executors.agents.acp.form import Form
from tasktui.executors.agents.acp.tool_call import Call
from tasktui.executors.agents.acp.tools import Tools
from tasktui.executors.agents.bounds import DETAIL, NAME, SUBJECT, cut
from tasktui.executors.agents.dialogue import WITHDRAWN, Step
from tasktui.executors.agents.json_lines import Calls, Id
from tasktui.executors.agents.start import Start

_KINDS: Final = {True: ("allow_once", "allow_always"), False: ("reject_once", "reject_always")}
"""Once is preferred: what holds for longer is kept by the task, where a person sees it."""
MANY: Final = 20
"""Of the answers that an agent offers."""
CANCELED: Final = {"outcome": {"outcome": "cancelled"}}


@dataclass(frozen=True, slots=True)
class _Open:
    number: Id
    options: tuple[Facts, ...] = ()
    call: Call | None = None
    form: Form | None = None


class Asking:
    """The agent's requests that have no answer yet, by the name under which a person answers them."""

    def __init__(self, start: Start, calls: Calls, tools: Tools) -> None:
        self._start = start
        self._calls = calls
        self._tools = tools
        self._open: dict[str, _Open] = {}
        self._count = 0

    def permission(self, number: Id, params: Facts) -> list[Step]:
        """Take a permission question: decide it by the rules, or ask a person."""
        call, begin = self._tools.asked(params.record("toolCall"))
        asked = _Open(number, tuple(params.records("options")), call)
        decision = self._start.rules.decide(call.tool, call.kind, call.subject())
        if decision is None:
            return [*begin, self._ask(asked, call)]
        if decision:
            return [*begin, *self._decide(asked, allow=True)]
        why = self._start.rules.forbidding(call.tool, call.subject())
        warning = TaskWarning(message=f"Denied by {why}: {cut(call.summary(), SUBJECT)}", code="agent_denied")
        return [*begin, warning, *self._decide(asked, allow=False)]

    def _ask(self, asked: _Open, call: Call) -> Step:
        diff = call.diff(self._start.place)
        about = {"diff": cut(diff, DETAIL)} if diff else {"input": _bounded(call.raw_input)}
        context = {
            "cwd": self._start.place, "title": cut(call.title, NAME), "call_id": call.call_id, **about,
        }  # fmt: skip
        return ApprovalRequested(
            request_id=self._keep(asked),
            summary=cut(call.summary(), SUBJECT),
            tool=cut(call.tool, NAME),
            options=tuple(cut(option.text("name"), NAME) for option in asked.options[:MANY]),
            context={name: value for name, value in context.items() if value},
        )

    def _keep(self, asked: _Open) -> str:
        self._count += 1
        key = f"acp-{self._start.run}-{self._count}"
        self._open[key] = asked
        return key

    def _decide(self, asked: _Open, *, allow: bool) -> list[Step]:
        if asked.call is not None and not allow:
            asked.call.denied = True
        for kind in _KINDS[allow]:
            for option in asked.options:
                if option.text("kind") == kind and isinstance(option.value("optionId"), str):
                    chosen = {"outcome": "selected", "optionId": option.text("optionId")}
                    return [self._calls.answer(asked.number, {"outcome": chosen})]
        answer = self._calls.answer(asked.number, CANCELED)
        if not allow:
            return [answer]
        text = "The agent offers no way to allow this, it was told that nobody decided."
        return [TaskWarning(message=text, code="agent_options"), answer]

    def question(self, number: Id, params: Facts) -> list[Step]:
        """Take a question: its form is answered in words."""
        form = Form(params)
        key = self._keep(_Open(number, form=form))
        question, options = cut(form.question, DETAIL), tuple(cut(word, NAME) for word in form.options[:MANY])
        return [InputRequested(request_id=key, question=question, options=options)]

    def answer(self, delivery: Delivery) -> list[Step]:
        """Bring a decision or an answer to the agent; one that has it already is passed over."""
        asked = self._open.get(delivery.request_id or "")
        if asked is None:
            return []
        if asked.form is not None:
            expired = delivery.decision == "expired"
            return [self._calls.answer(asked.number, asked.form.filled(None if expired else delivery.text))]
        steps = self._decide(asked, allow=delivery.decision == "allow")
        if delivery.decision == "deny" and delivery.text:
            text = f"The agent was told only that it may not; its protocol takes no reason: {delivery.text}"
            steps.append(TaskWarning(message=text, code="agent_reason"))
        return steps

    def said(self, facts: Facts) -> None:
        """Forget a request whose answer was said."""
        if facts.text("method"):
            return
        number = facts.value("id")
        for key, asked in list(self._open.items()):
            if asked.number == number:
                self._note_denial(asked, facts.record("result").record("outcome"))
                del self._open[key]

    def _note_denial(self, asked: _Open, outcome: Facts) -> None:
        chosen = [item for item in asked.options if item.text("optionId") == outcome.text("optionId")]
        if asked.call is not None and any(item.text("kind").startswith("reject") for item in chosen):
            asked.call.denied = True

    def cancel(self) -> list[Step]:
        """Answer all that is open as canceled, as the protocol wants after a cancel."""
        answers: list[dict[str, Any]] = [
            CANCELED if asked.form is None else {"action": "cancel"} for asked in self._open.values()
        ]
        numbers = [asked.number for asked in self._open.values()]
        return [self._calls.answer(*pair) for pair in zip(numbers, answers, strict=True)]

    def withdrawn(self, number: Any) -> list[Step]:
        """Take that the agent waits for the answer to one of its requests no longer."""
        found = next((key for key, asked in self._open.items() if asked.number == number), None)
        return [] if found is None else [_expired(found, self._open.pop(found))]

    def left(self) -> list[Step]:
        """Answer as canceled what an agent no longer needs to know, and say that nobody is asked any more."""
        expired = [_expired(key, asked) for key, asked in self._open.items()]
        return [*expired, *self.cancel()]


def _expired(key: str, asked: _Open) -> Data:
    expired = ApprovalExpired if asked.form is None else InputExpired
    return expired(request_id=key, reason=WITHDRAWN)


def _bounded(given: Any) -> Any:
    """Return a tool's input as it is, or, when that is long, as the begin of its JSON."""
    text = json.dumps(given, ensure_ascii=False)
    bounded = cut(text, DETAIL)
    return given if bounded == text else bounded
