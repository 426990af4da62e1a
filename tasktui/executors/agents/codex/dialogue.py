"""Codex by its app-server: one thread, its turns, steering, interrupting, approvals.

The protocol is JSON-RPC without its version field, one message a line (`codex app-server`, version 0.169).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskLinked, TaskStatus
from tasktui.domain.events.work import UsageContext, UsageTokens
from tasktui.domain.facts import Facts
from tasktui.domain.ports.executor import Delivery
from tasktui.domain.status import Reason, Status
from tasktui.executors.agents.codex.asking import Asking
from tasktui.executors.agents.codex.ending import ended_turn
from tasktui.executors.agents.codex.items import Items, plan_of
from tasktui.executors.agents.codex.limits import Limits
from tasktui.executors.agents.codex.warnings import Strange, warning
from tasktui.executors.agents.dialogue import Conclusion, End, Over, Refuse, Step
from tasktui.executors.agents.json_lines import Calls, id_of
from tasktui.executors.agents.speech import Role, Speech
from tasktui.executors.agents.start import Start

_DELTAS: Final[dict[str, Role]] = {
    "item/agentMessage/delta": "agent",
    "item/reasoning/summaryTextDelta": "thought",
    "item/reasoning/textDelta": "thought",
}
_PROGRESS: Final = frozenset({"item/commandExecution/outputDelta", "item/mcpToolCall/progress"})
_QUIET: Final = frozenset({
    "account/rateLimits/updated", "account/updated", "hook/completed", "hook/started",
    "item/fileChange/outputDelta", "item/fileChange/patchUpdated", "item/plan/delta",
    "item/reasoning/summaryPartAdded", "mcpServer/startupStatus/updated", "model/rerouted",
    "remoteControl/status/changed", "thread/name/updated",
    "thread/settings/updated", "thread/started", "thread/status/changed", "turn/diff/updated",
})  # fmt: skip
"""Notifications that say nothing a person needs."""
_SANDBOX: Final = {"deny": "read-only", "allow": "danger-full-access"}
_APPROVAL: Final = {"deny": "never", "allow": "never"}


def argv(start: Start) -> tuple[str, ...]:
    """Return how the server is started."""
    mcp = () if start.mcp else ("-c", "mcp_servers={}")
    return (*start.preset.argv, *mcp, "app-server")


class CodexDialogue:
    """The `Dialogue` with a Codex app-server."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._calls = Calls({})
        self._speech = Speech()
        self._items = Items(self._speech)
        self._asking = Asking(start.rules, self._calls, start.run)
        self._limits = Limits()
        self._thread = ""
        self._turn = ""
        """The turn that goes on; empty between turns."""
        self._held: list[Delivery] = []
        """Messages for the next turn."""
        self._ended: Conclusion | None = None
        """How the last turn ended, while an answer of the server tells whether another follows."""
        self._interrupting = False
        self._stopping = False
        """Whether no turn is to follow."""
        self._usage: dict[str, Any] = {}
        self._strange = Strange()
        self._conclusion: Conclusion | None = None

    def opening(self) -> Iterable[Step]:
        """Say who we are."""
        client = {"name": "tasktui", "title": "tasktui", "version": self._start.version}
        return [self._calls.request("initialize", {"clientInfo": client})]

    def received(self, line: bytes) -> Iterable[Step]:
        """Take a message of the server."""
        facts = Facts(line)
        method = facts.text("method")
        if facts.broken:
            return self._strange.told("no JSON object")
        if not method:
            return self._answer(facts)
        number = id_of(facts, line) if "id" in facts.names() else None
        if number is not None:
            return self._asking.asked(number, method, facts.record("params"))
        return self._notified(method, facts.record("params"))

    def said(self, line: bytes) -> None:
        """Take note of our own message."""
        facts = self._calls.said(line)
        self._asking.said(facts)
        if facts.text("method") == "turn/interrupt":
            self._interrupting = True
        if facts.text("method") == "turn/start":
            self._turn = self._turn or "?"
            self._conclusion = None  # an earlier owner had kept a message for this turn

    # --- people

    def message(self, delivery: Delivery) -> Iterable[Step]:
        """Steer the turn that goes on, interrupt it first, or keep the message for the next."""
        if self._conclusion is not None or self._stopping:
            return [Refuse(delivery.intervention_id, "The agent has ended its work.")]
        if delivery.mode == "steer" and self._turn not in {"", "?"} and not self._interrupting:
            expected = {"threadId": self._thread, "expectedTurnId": self._turn}
            said = {**expected, "input": _input(delivery.text, delivery.attachments)}
            return [self._calls.request("turn/steer", said, delivery=delivery.intervention_id)]
        self._held.append(delivery)
        return self._interrupt() if delivery.mode == "interrupt" else []

    def answer(self, delivery: Delivery) -> Iterable[Step]:
        """Bring a decision or an answer to the server."""
        return self._asking.answer(delivery)

    def stop(self) -> Iterable[Step]:
        """Interrupt the turn."""
        self._stopping = True
        self._held.clear()
        return [*self._asking.give_up(), *self._interrupt()]

    def _interrupt(self) -> list[Step]:
        if self._turn in {"", "?"} or self._interrupting:
            return []
        return [self._calls.request("turn/interrupt", {"threadId": self._thread, "turnId": self._turn})]

    # --- answers to our requests

    def _answer(self, facts: Facts) -> list[Step]:
        method, asked = self._calls.answered(facts)
        if "error" in facts.names():
            return self._failed(method, asked, facts.record("error").text("message"))
        result = facts.record("result")
        match method:
            case "initialize":
                return [self._calls.notify("initialized"), self._open_thread()]
            case "thread/start" | "thread/resume":
                self._thread = result.record("thread").text("id") or self._start.session_id or ""
                linked = TaskLinked(thread_id=self._thread, session_id=self._thread)
                return [linked, self._begin(self._start.prompt, self._start.attachments)]
            case "turn/start":
                return self._turn_begins(result.record("turn"))
            case "turn/steer":
                return self._taken()
            case _:
                return []

    def _taken(self) -> list[Step]:
        """Take that a message was taken, or is not any more: no other turn comes of it."""
        if self._conclusion or self._turn or self._ended is None or self._calls.waiting("turn/steer"):
            return []
        return self._next_turn() or self._conclude(self._ended)

    def _open_thread(self) -> Step:
        start, policy = self._start, self._start.rules.policy
        sandbox = "read-only" if start.mode == "plan" else _SANDBOX.get(policy, "workspace-write")
        wanted: dict[str, Any] = {
            "cwd": start.cwd, "approvalPolicy": _APPROVAL.get(policy, "untrusted"), "sandbox": sandbox,
        }  # fmt: skip
        if start.model:
            wanted["model"] = start.model
        if start.session_id:
            return self._calls.request("thread/resume", {"threadId": start.session_id, **wanted})
        return self._calls.request("thread/start", wanted)

    def _begin(self, text: str, attachments: tuple[str, ...], delivery: str | None = None) -> Step:
        said = {"threadId": self._thread, "input": _input(text, attachments)}
        return self._calls.request("turn/start", said, delivery=delivery)

    def _turn_begins(self, turn: Facts) -> list[Step]:
        if not turn.text("id") or turn.text("id") == self._turn:
            return []
        self._turn, self._interrupting = turn.text("id"), False
        return [TaskLinked(turn_id=self._turn)]

    def _failed(self, method: str, asked: Facts, why: str) -> list[Step]:
        if method == "turn/steer" and self._stopping:
            return self._taken()
        if method == "turn/steer":  # the turn ended meanwhile: the message begins the next
            words = [part.text("text") for part in asked.records("input")]
            self._held.append(Delivery("", "\n".join(words), "queue", ""))
            return self._next_turn() if not self._turn else []
        if method == "turn/interrupt":
            return []
        text = why or f"{method or 'a request'} was refused"
        return self._conclude(Conclusion(Status.FAILED, Reason.ERROR, f"{method}: error", error=text))

    # --- what the server tells

    def _notified(self, method: str, params: Facts) -> list[Step]:
        if method in _DELTAS:
            role = _DELTAS[method]
            return [*self._speech.piece(role, params.text("delta"), params.text("itemId"))]
        if method in _PROGRESS:
            text = params.text("delta") or params.text("message")
            return [*self._items.progress(params.text("itemId"), text)]
        match method:
            case "item/started" | "item/completed":
                take = self._items.started if method == "item/started" else self._items.completed
                return [*take(params.record("item"))]
            case "turn/started":
                return self._turn_begins(params.record("turn"))
            case "turn/completed":
                return self._turn_ended(params.record("turn"))
            case _:
                return self._about_the_thread(method, params)

    def _about_the_thread(self, method: str, params: Facts) -> list[Step]:
        match method:
            case "turn/plan/updated":
                return [*plan_of(params)]
            case "thread/tokenUsage/updated":
                return [*self._used(params.record("tokenUsage"))]
            case "error":
                text = params.record("error").text("message")
                return [TaskStatus(message=text) if params.flag("willRetry") else warning(text)]
            case "warning" | "configWarning" | "deprecationNotice" | "guardianWarning":
                return [warning(params.text("message") or params.text("summary"))]
            case "serverRequest/resolved":
                number = params.number("requestId")
                return self._asking.withdrawn(params.text("requestId") if number is None else number)
            case _:
                return self._quiet_or_strange(method, params)

    def _quiet_or_strange(self, method: str, params: Facts) -> list[Step]:
        if method == "account/rateLimits/updated":
            self._limits.told(params.record("rateLimits"))
        return [] if method in _QUIET else self._strange.told(method)

    def _used(self, usage: Facts) -> list[Data]:
        total, last = usage.record("total"), usage.record("last")
        self._usage = {
            "input_tokens": total.number("inputTokens") or 0,
            "output_tokens": total.number("outputTokens") or 0,
        }
        facts: list[Data] = [UsageTokens(**self._usage)]
        if window := usage.number("modelContextWindow"):
            facts.append(UsageContext(used_tokens=last.number("totalTokens") or 0, max_tokens=window))
        return facts

    def _turn_ended(self, turn: Facts) -> list[Step]:
        status = turn.text("status")
        interrupted = status == "interrupted"
        steps: list[Step] = [*self._items.close(canceled=interrupted), *self._asking.forget()]
        self._turn, self._interrupting = "", False
        self._ended = self._ending(status, turn)
        if not self._stopping and (self._held or self._calls.waiting("turn/steer")):
            return [*steps, *self._next_turn()]
        return [*steps, *self._conclude(self._ended)]

    def _next_turn(self) -> list[Step]:
        if not self._held:
            return []
        first = self._held.pop(0)
        return [self._begin(first.text, first.attachments, first.intervention_id or None)]

    def _ending(self, status: str, turn: Facts) -> Conclusion:
        return ended_turn(
            status, turn.record("error"), self._limits, result=self._speech.last or None,
            usage=self._usage or None,
        )  # fmt: skip

    def _conclude(self, conclusion: Conclusion) -> list[Step]:
        self._conclusion = conclusion
        unread = [Refuse(held.intervention_id, "The agent has ended its work.") for held in self._held]
        self._held.clear()
        return [*unread, Over()]

    # --- the end

    def ended(self, end: End) -> Iterable[Data]:
        """Close what is open."""
        return self._items.close(canceled=end.stopped)

    def conclusion(self) -> Conclusion | None:
        """Return how the last turn ended."""
        return self._conclusion


def _input(text: str, attachments: tuple[str, ...]) -> list[dict[str, str]]:
    """Return a message as the server takes it: its text, images as files, other files by their path."""
    images = [
        path for path in attachments if path.lower().endswith((".png", ".jpg", ".jpeg", ".gif", ".webp"))
    ]
    others = [path for path in attachments if path not in images]
    whole = "\n".join([text, *(f"Attached file: {path}" for path in others)])
    return [{"type": "text", "text": whole}, *({"type": "localImage", "path": path} for path in images)]
