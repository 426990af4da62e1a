"""What the agent asks before a tool runs: decided by the task's rules, else by a person."""

from __future__ import annotations

from collections.abc import Container
from typing import Final, NamedTuple

from tasktui.domain.events.lifecycle import TaskWarning
from tasktui.domain.events.people import ApprovalExpired, ApprovalRequested, InputExpired
from tasktui.domain.facts import Facts
from tasktui.domain.ports.executor import Delivery
from tasktui.executors.agents.claude import lines
from tasktui.executors.agents.claude.changes import diff_of
from tasktui.executors.agents.claude.questions import TOOLS, UNANSWERED, Questions
from tasktui.executors.agents.claude.tools import kind_of, shown, subject_of
from tasktui.executors.agents.dialogue import WITHDRAWN, Say, Step
from tasktui.executors.agents.start import Start

DENIED: Final = "A person denied this. Do not try it in another way; go on without it, or say what you need."
LATE: Final = "Nobody decided in time, so this was denied. Go on without it."


class _Asked(NamedTuple):
    """One request that waits."""

    call_id: str
    tool_input: object
    questions: Questions | None = None


class Permissions:
    """The requests of one run that have no answer yet."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self.attached = set(start.attachments)
        """Files that a person gave to the agent: it may read them."""
        self._open: dict[str, _Asked] = {}
        self._settled: set[str] = set()
        """Calls that were denied here: what the agent says of them at its end is no news."""

    def asked(self, request_id: str, request: Facts) -> list[Step]:
        """Take a request for permission, or the questions that come the same way."""
        tool, tool_input = request.text("tool_name"), request.value("input")
        call_id = request.text("tool_use_id")
        if tool.lower() in TOOLS:
            questions = Questions(request_id, tool.lower(), tool_input)
            self._open[request_id] = _Asked(call_id, tool_input, questions)
            return list(questions.requests())
        decision = self._decide(tool, Facts.of(tool_input))
        if decision is None:
            self._open[request_id] = _Asked(call_id, tool_input)
            return [_request(request_id, request, self._start.cwd)]
        if decision:
            return [Say(lines.allow(request_id, tool_input))]
        self._settled.add(call_id)
        rule = self._start.rules.ruling(tool, subject_of(tool, Facts.of(tool_input)))
        what = shown(tool, tool_input) or tool
        warning = TaskWarning(message=f"{tool} was denied by {rule}: {what}", code="agent_denied")
        return [warning, Say(lines.deny(request_id, f"Denied by {rule}. Go on without it."))]

    def _decide(self, tool: str, tool_input: Facts) -> bool | None:
        kind, subject = kind_of(tool), subject_of(tool, tool_input)
        decision = self._start.rules.decide(tool, kind, subject)
        attached = kind == "read" and subject in self.attached
        return True if attached and decision is None else decision

    def answer(self, delivery: Delivery) -> list[Step]:
        """Bring an answer; one to a request that waits no more is passed over."""
        key = delivery.request_id or ""
        request_id = key if key in self._open else key.rpartition("/")[0]
        asked = self._open.get(request_id)
        if asked is None:
            return []
        line = self._line(request_id, asked, delivery)
        return [Say(line, delivery.intervention_id)] if line is not None else []

    def _line(self, request_id: str, asked: _Asked, delivery: Delivery) -> bytes | None:
        if asked.questions is not None:
            return _answered(request_id, asked.questions, delivery)
        if delivery.decision == "allow":
            return lines.allow(request_id, asked.tool_input)
        late = delivery.decision == "expired"
        return lines.deny(request_id, delivery.text or (LATE if late else DENIED))

    def said(self, line: Facts) -> None:
        """Take note of an answer that went out."""
        response = line.record("response")
        asked = self._open.pop(response.text("request_id"), None)
        if asked is not None and response.record("response").text("behavior") == "deny":
            self._settled.add(asked.call_id)

    def withdrawn(self, request_id: str) -> list[Step]:
        """Take that the agent asks no longer."""
        asked = self._open.pop(request_id, None)
        if asked is None:
            return []
        if asked.questions is None:
            return [ApprovalExpired(request_id=request_id, reason=WITHDRAWN)]
        return [InputExpired(request_id=key, reason=WITHDRAWN) for key in asked.questions.waiting()]

    def left(self, calls: Container[str] | None = None) -> list[Step]:
        """Take that these calls have ended, or all when None: nobody need say any more whether they may."""
        gone = [key for key, asked in self._open.items() if calls is None or asked.call_id in calls]
        return [step for key in gone for step in self.withdrawn(key)]

    @property
    def denied(self) -> bool:
        """Whether a call was denied here."""
        return bool(self._settled)

    def is_settled(self, call_id: str) -> bool:
        """Tell whether a call was denied here, which was said already."""
        return call_id in self._settled


def _answered(request_id: str, questions: Questions, delivery: Delivery) -> bytes | None:
    if delivery.decision in {"expired", "deny"}:
        return lines.deny(request_id, delivery.text or UNANSWERED)
    if not questions.answer(delivery.request_id or "", delivery.text):
        return None
    return lines.allow(request_id, questions.answered())


def _request(request_id: str, request: Facts, cwd: str) -> ApprovalRequested:
    tool, tool_input = request.text("tool_name"), request.value("input")
    facts = Facts.of(tool_input)
    about = {
        "cwd": cwd,
        "reason": request.text("decision_reason") or request.text("description"),
        "path": request.text("blocked_path"),
        "diff": diff_of(facts, Facts(None)) if kind_of(tool) == "edit" else None,
        "input": tool_input if isinstance(tool_input, dict) else None,
    }
    return ApprovalRequested(
        request_id=request_id, summary=shown(tool, tool_input) or tool or "a tool", tool=tool or None,
        context={name: value for name, value in about.items() if value},
    )  # fmt: skip
