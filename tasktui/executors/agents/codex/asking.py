"""What Codex's app-server asks us: permissions by the rules of the task or by a person, and questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskStatus, TaskWarning
from tasktui.domain.events.people import ApprovalExpired, ApprovalRequested, InputExpired, InputRequested
from tasktui.domain.facts import Facts
from tasktui.domain.ports.executor import Delivery
from tasktui.executors.agents.codex.items import command_of
from tasktui.executors.agents.dialogue import WITHDRAWN, Step
from tasktui.executors.agents.json_lines import Calls, Id
from tasktui.executors.agents.policy import Rules

_TOOLS: Final = {
    "item/commandExecution/requestApproval": ("shell", "execute"),
    "execCommandApproval": ("shell", "execute"),
    "item/fileChange/requestApproval": ("edit", "edit"),
    "applyPatchApproval": ("edit", "edit"),
}
_OLD: Final = frozenset({"execCommandApproval", "applyPatchApproval"})
"""Their decisions have other words."""
_WORDS: Final = {True: ("accept", "approved"), False: ("decline", "denied"), None: ("cancel", "abort")}


@dataclass(frozen=True, slots=True)
class _Open:
    number: Id
    method: str
    question: str = ""
    """The question's own id, for questions."""


class Asking:
    """The requests of the server that have no answer yet."""

    def __init__(self, rules: Rules, calls: Calls, run: int = 1) -> None:
        """Take the run's number, too: an answer to a request of another run is none to this one's."""
        self._rules = rules
        self._run = run
        self._calls = calls
        self._open: dict[str, _Open] = {}

    def asked(self, number: Id, method: str, params: Facts) -> list[Step]:
        """Take a request: decide it, ask a person, or say that we do not know it."""
        if method in _TOOLS:
            return self._permission(number, method, params)
        if method == "item/tool/requestUserInput":
            return self._question(number, method, params)
        if method == "mcpServer/elicitation/request":
            return [self._calls.answer(number, {"action": "decline"})]
        warning = TaskWarning(message=f"Codex asked for something unknown: {method}", code="agent_warning")
        return [warning, self._calls.refuse(number, f"tasktui does not know {method}")]

    def _permission(self, number: Id, method: str, params: Facts) -> list[Step]:
        tool, kind = _TOOLS[method]
        subject = command_of(params) or " ".join(params.words("command")) or params.text("grantRoot")
        decision = self._rules.decide(tool, kind, subject)
        if decision is not None:
            word = "allowed" if decision else "denied"
            note: Data = TaskStatus(message=f"{tool} {word} by rule: {subject}")
            return [note, self._calls.answer(number, _decided(method, decision))]
        key = self._key(number)
        self._open[key] = _Open(number, method)
        context = {
            "cwd": params.text("cwd"), "reason": params.text("reason"), "call_id": params.text("itemId"),
            "command": subject,
        }  # fmt: skip
        return [
            ApprovalRequested(
                request_id=key,
                tool=tool,
                summary=subject or params.text("reason") or "change files",
                context={name: value for name, value in context.items() if value},
            )
        ]

    def _question(self, number: Id, method: str, params: Facts) -> list[Step]:
        questions = params.records("questions")
        if not questions:
            return [self._calls.answer(number, {"answers": {}})]
        first, key = questions[0], self._key(number)
        self._open[key] = _Open(number, method, first.text("id"))
        options = tuple(option.text("label") for option in first.records("options"))
        question = first.text("question") or first.text("header") or "Codex asks."
        return [InputRequested(request_id=key, question=question, options=options)]

    def answer(self, delivery: Delivery) -> list[Step]:
        """Bring the answer of a person, or of a rule that one made, to the server."""
        asked = self._open.get(delivery.request_id or "")
        if asked is None:
            return []
        if asked.method in _TOOLS:
            return [self._calls.answer(asked.number, _decided(asked.method, delivery.decision == "allow"))]
        answers = {asked.question: {"answers": [delivery.text]}} if delivery.text else {}
        return [self._calls.answer(asked.number, {"answers": answers})]

    def said(self, facts: Facts) -> None:
        """Forget a request whose answer was said."""
        if not facts.text("method"):
            self._open.pop(self._key(facts.text("id")), None)

    def _key(self, number: Id) -> str:
        return f"codex-{self._run}-{number}"

    def give_up(self) -> list[Step]:
        """Answer all that is open as canceled."""
        steps: list[Step] = []
        for asked in self._open.values():
            result = _decided(asked.method, None) if asked.method in _TOOLS else {"answers": {}}
            steps.append(self._calls.answer(asked.number, result))
        return steps

    def forget(self) -> list[Step]:
        """Take the end of a turn: nobody waits for an answer any more."""
        return [step for asked in list(self._open.values()) for step in self.withdrawn(asked.number)]

    def withdrawn(self, number: Id) -> list[Step]:
        """Take that the server waits for the answer to one request no longer."""
        asked = self._open.pop(self._key(number), None)
        if asked is None:
            return []
        expired = ApprovalExpired if asked.method in _TOOLS else InputExpired
        return [expired(request_id=self._key(number), reason=WITHDRAWN)]


def _decided(method: str, decision: bool | None) -> dict[str, Any]:
    new, old = _WORDS[decision]
    return {"decision": old if method in _OLD else new}
