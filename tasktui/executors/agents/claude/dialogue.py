"""Claude Code by its stream-json, which Qwen Code took over: one session, its turns, steering, permissions.

The protocol is that of `claude -p --input-format stream-json --output-format stream-json` (version 2.1.329).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskStatus, TaskWarning
from tasktui.domain.events.work import RuntimeEvent
from tasktui.domain.facts import Facts
from tasktui.domain.ports.executor import Delivery
from tasktui.domain.status import Status
from tasktui.executors.agents.claude import lines
from tasktui.executors.agents.claude.argv import BYPASS
from tasktui.executors.agents.claude.limits import Limits
from tasktui.executors.agents.claude.messages import Messages, ended_calls, user_text
from tasktui.executors.agents.claude.permissions import Permissions
from tasktui.executors.agents.claude.result import conclusion_of, denials
from tasktui.executors.agents.claude.system import System
from tasktui.executors.agents.claude.tools import shown
from tasktui.executors.agents.claude.turns import Turns
from tasktui.executors.agents.dialogue import Conclusion, End, Over, Refuse, Say, Step
from tasktui.executors.agents.start import Start

STOP: Final = "stop-"
"""How the ids of our interrupts begin that end the run; those for a message begin otherwise."""
_QUIET: Final = frozenset({
    "keep_alive", "tool_progress", "tool_use_summary", "prompt_suggestion", "auth_status",
})  # fmt: skip
"""Events that say nothing a person needs."""


class ClaudeDialogue:
    """The `Dialogue` with Claude Code, and with Qwen Code."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._system = System()
        self._messages = Messages()
        self._permissions = Permissions(start)
        self._turns = Turns()
        self._limits = Limits()
        self._held: list[Delivery] = []
        """Messages that wait for the session, or for the end of the turn."""
        self._interrupts = 0
        self._interrupted = False
        """Whether what is being done in this turn was to be interrupted."""
        self._stopping = False
        self._over = False
        self._last: Conclusion | None = None
        self._strange: set[str] = set()
        self._handlers: dict[str, Callable[[Facts], Iterable[Step]]] = {
            "system": self._system_event,
            "stream_event": self._messages.streamed,
            "assistant": self._messages.assistant,
            "user": self._user,
            "result": self._result,
            "control_request": self._asked,
            "control_cancel_request": lambda line: self._permissions.withdrawn(line.text("request_id")),
            "control_response": _refused,
            "rate_limit_event": self._limit,
        }

    # --- what is said

    def opening(self) -> Iterable[Step]:
        """Initialize, then say the prompt; both lie ready when the agent begins to read."""
        start = self._start
        if start.agent_mode in BYPASS and start.rules.policy != "allow":
            text = f"The mode {start.mode} needs a task that may allow everything: the agent asks as usual."
            yield TaskWarning(message=text, code="agent_mode")
        yield Say(lines.initialize())
        yield Say(lines.user(lines.with_files(start.prompt, start.attachments)))

    def said(self, line: bytes) -> None:
        """Take note of a line that was handed to the agent."""
        facts = Facts(line)
        match facts.text("type"):
            case "user":
                self._turns.said(user_text(facts))
                self._last, self._over = None, False  # a turn is to come, whatever was kept for it
            case "control_response":
                self._permissions.said(facts)
            case "control_request" if facts.record("request").text("subtype") == "interrupt":
                self._interrupts += 1
                self._interrupted = True
                self._stopping = self._stopping or facts.text("request_id").startswith(STOP)

    def message(self, delivery: Delivery) -> Iterable[Step]:
        """Bring a message: into the turn that goes on, after it, or in its place."""
        if self._over:
            return [Refuse(delivery.intervention_id, "The agent has finished its work.")]
        if not self._system.session or (delivery.mode == "queue" and not self._turns.resting):
            self._held.append(delivery)
            return []
        return self._bring(delivery)

    def _bring(self, delivery: Delivery) -> list[Step]:
        self._permissions.attached.update(delivery.attachments)
        text = lines.with_files(delivery.text, delivery.attachments)
        interrupt: list[Step] = [self._interrupt("for-message-")] if delivery.mode == "interrupt" else []
        return [*interrupt, Say(lines.user(text), delivery.intervention_id)]

    def answer(self, delivery: Delivery) -> Iterable[Step]:
        """Bring an answer to a permission or a question."""
        return self._permissions.answer(delivery)

    def stop(self) -> Iterable[Step]:
        """Interrupt; the result of the turn is then the end of the run. Between turns there is nothing to."""
        self._stopping = True
        return [] if self._turns.resting else [self._interrupt(STOP)]

    def _interrupt(self, why: str) -> Say:
        return Say(lines.interrupt(f"{why}{self._interrupts + 1}"))

    # --- what is heard

    def received(self, line: bytes) -> Iterable[Step]:
        """Take one line of the agent."""
        facts = Facts(line)
        if facts.broken:
            return self._warn_once("", "The agent wrote something that is not of its protocol.")
        kind = facts.text("type")
        handler = self._handlers.get(kind)
        if handler is not None:
            return handler(facts)
        if kind in _QUIET:
            return []
        text = f"The agent told of something that tasktui does not know: {kind or 'no type'}"
        counted = RuntimeEvent(event=kind or "?", summary=facts.text("subtype"))
        return [counted, *self._warn_once(kind or "?", text)]

    def _warn_once(self, kind: str, text: str) -> list[Step]:
        if kind in self._strange:
            return []
        self._strange.add(kind)
        return [TaskWarning(message=text, code="agent_warning")]

    def _system_event(self, line: Facts) -> Iterable[Step]:
        self._turns.told(line)
        yield from self._system.told(line)
        if self._system.session:
            yield from self._release(lambda delivery: delivery.mode != "queue")
        if self._turns.resting:
            yield from self._leave()

    def _release(self, ready: Callable[[Delivery], bool]) -> Iterable[Step]:
        """Bring the messages that waited for this."""
        now = [delivery for delivery in self._held if ready(delivery)]
        self._held = [delivery for delivery in self._held if not ready(delivery)]
        for delivery in now:
            yield from self._bring(delivery)

    def _user(self, line: Facts) -> Iterable[Step]:
        if line.flag("isReplay"):
            self._turns.repeated(user_text(line))
            return
        yield from self._messages.results(line, stopped=self._interrupted or self._stopping)
        yield from self._permissions.left(ended_calls(line))

    def _asked(self, line: Facts) -> Iterable[Step]:
        request_id, request = line.text("request_id"), line.record("request")
        if request.text("subtype") != "can_use_tool":
            yield Say(lines.unsupported(request_id, request.text("subtype")))
            return
        yield from self._messages.asked(request)
        yield from self._permissions.asked(request_id, request)

    def _limit(self, line: Facts) -> Iterable[Step]:
        self._limits.told(line.record("rate_limit_info"))
        return []

    def _result(self, line: Facts) -> Iterable[Step]:
        """Take the end of a turn: of the run, unless another is to come."""
        self._turns.over(line)
        yield from self._messages.over(line, canceled=self._interrupted, all_=not self._turns.background)
        if not self._turns.background:
            yield from self._permissions.left()
        if not self._stopping:
            yield from self._denied(line)
        self._interrupted = False
        self._last = conclusion_of(
            line, stopping=self._stopping, denied=self._permissions.denied, limits=self._limits,
            used=self._messages.usage.as_record(), last=self._messages.last,
        )  # fmt: skip
        held = [] if self._stopping else list(self._release(lambda _: True))
        if not held and self._turns.background and not self._stopping:
            yield TaskStatus(message=f"It waits for others: {', '.join(self._turns.background)}")
        yield from held or self._leave()

    def _leave(self) -> Iterable[Step]:
        """Say no more once no turn is to come."""
        if not self._over and (self._stopping or not self._turns.more):
            self._over = True
            yield Over()

    def _denied(self, result: Facts) -> Iterable[Step]:
        for denial in denials(result):
            if not self._permissions.is_settled(denial.text("tool_use_id")):
                tool = denial.text("tool_name") or "a tool"
                what = shown(tool, denial.value("tool_input"))
                yield TaskWarning(message=f"{tool} was not permitted: {what}", code="agent_denied")

    # --- its end

    def ended(self, end: End) -> Iterable[Data]:
        """Close what the agent left open."""
        return self._messages.close(canceled=end.stopped)

    def conclusion(self) -> Conclusion | None:
        """Return its last word; the good end of a turn is none while a message waits for the next."""
        if self._last is None or self._over or self._last.status is Status.FAILED:
            return self._last
        return None


def _refused(line: Facts) -> Iterable[Step]:
    """Take the answer to a request of ours; the good ones say nothing new."""
    response = line.record("response")
    if response.text("subtype") == "error":
        text = f"The agent refused {response.text('request_id')}: {response.text('error')}"
        yield TaskWarning(message=text, code="agent_warning")
