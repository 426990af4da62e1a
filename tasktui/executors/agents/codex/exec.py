"""Codex without its server: `codex exec --json`, one turn, nothing to say to it once it runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from tasktui.domain.events.base import Data
from tasktui.domain.events.evidence import ChecklistItem, ChecklistUpdated
from tasktui.domain.events.lifecycle import TaskLinked
from tasktui.domain.events.work import ToolCompleted, ToolStarted, UsageTokens
from tasktui.domain.facts import Facts
from tasktui.domain.ports.executor import Delivery
from tasktui.domain.status import Reason, Status
from tasktui.executors.agents.codex.warnings import Strange, warning
from tasktui.executors.agents.dialogue import CloseInput, Conclusion, End, Over, Refuse, Say, Step
from tasktui.executors.agents.speech import Speech
from tasktui.executors.agents.start import Start

_SANDBOX: Final = {"allow": "danger-full-access"}
_TOOLS: Final = {
    "command_execution": ("shell", "execute"),
    "file_change": ("edit", "edit"),
    "mcp_tool_call": ("mcp", "other"),
    "web_search": ("search", "fetch"),
}


def argv(start: Start) -> tuple[str, ...]:
    """Return how it is started; `-`: the prompt comes by standard input, for everybody can read arguments."""
    sandbox = "read-only" if start.mode == "plan" else _SANDBOX.get(start.rules.policy, "workspace-write")
    model = ("-m", start.model) if start.model else ()
    resume = ("resume", start.session_id) if start.session_id else ()
    images = tuple(word for path in start.attachments for word in ("-i", path))
    mcp = () if start.mcp else ("-c", "mcp_servers={}")
    options = (*mcp, "--json", "--skip-git-repo-check", "-s", sandbox, *model, *images)
    return (*start.preset.argv, "exec", *options, *resume, "--", "-")


class CodexExecDialogue:
    """The `Dialogue` with `codex exec --json`: it only listens."""

    def __init__(self, start: Start) -> None:
        self._prompt = start.prompt
        self._speech = Speech()
        self._open: dict[str, str] = {}
        self._usage: dict[str, Any] = {}
        self._strange = Strange()
        self._conclusion: Conclusion | None = None

    def opening(self) -> Iterable[Step]:
        """Say the prompt, which ends with the input."""
        return [Say(self._prompt.encode("utf-8", "replace")), CloseInput()]

    def received(self, line: bytes) -> Iterable[Step]:
        """Take an event."""
        facts = Facts(line)
        kind = facts.text("type")
        if kind.startswith("item."):
            return self._item(kind, facts.record("item"))
        match kind:
            case "thread.started":
                thread = facts.text("thread_id")
                return [TaskLinked(thread_id=thread, session_id=thread)]
            case "turn.completed":
                return self._turn_completed(facts.record("usage"))
            case "turn.failed":
                return self._failed(facts.record("error").text("message"))
            case "error":
                return [warning(facts.text("message"))]
            case _:
                return [] if kind == "turn.started" else self._strange.told(kind or "no JSON object")

    def _item(self, kind: str, item: Facts) -> list[Step]:
        if item.text("type") == "todo_list":
            return self._todo(item)
        match kind:
            case "item.started":
                return self._started(item)
            case "item.completed":
                return self._completed(item)
            case _:
                return []

    def said(self, line: bytes) -> None:
        """The prompt alone is ever said."""

    def message(self, delivery: Delivery) -> Iterable[Step]:
        """Refuse: nobody listens."""
        return [Refuse(delivery.intervention_id, "codex exec takes no messages while it works.")]

    def answer(self, delivery: Delivery) -> Iterable[Step]:  # noqa: ARG002  # the port's signature
        """Nothing was asked."""
        return []

    def stop(self) -> Iterable[Step]:
        """There is no way but a signal."""
        return []

    def _started(self, item: Facts) -> list[Step]:
        kind, call_id = item.text("type"), item.text("id")
        if kind not in _TOOLS or not call_id or call_id in self._open:
            return []
        name, sort = _TOOLS[kind]
        if kind == "mcp_tool_call":
            name = ".".join(part for part in (item.text("server"), item.text("tool")) if part) or name
        self._open[call_id] = name
        return [ToolStarted(call_id=call_id, name=name, input=_subject(item), kind=sort)]

    def _completed(self, item: Facts) -> list[Step]:
        kind, text = item.text("type"), item.text("text")
        if kind == "agent_message":
            return [*self._speech.whole("agent", text)]
        if kind == "reasoning":
            return [*self._speech.whole("thought", text)]
        if kind == "error":
            return [warning(item.text("message"))]
        begun = self._started(item)
        name = self._open.pop(item.text("id"), None)
        if name is None:
            return self._strange.told(f"item {kind}")
        code = item.number("exit_code")
        ok = item.text("status") != "failed" and not code
        output = item.text("aggregated_output") or item.record("error").text("message")
        end = ToolCompleted(call_id=item.text("id"), name=name, ok=ok, output=output or None)
        return [*begun, end]

    def _todo(self, item: Facts) -> list[Step]:
        lines = item.records("items")
        if not lines:
            return []
        items = tuple(
            ChecklistItem(
                id=number,
                content=line.text("text"),
                status="completed" if line.flag("completed") else "pending",
            )
            for number, line in enumerate(lines, 1)
        )
        done = sum(one.status == "completed" for one in items)
        return [ChecklistUpdated(items=items, completion_pct=round(100 * done / len(items)))]

    def _turn_completed(self, usage: Facts) -> list[Step]:
        self._usage = {
            "input_tokens": usage.number("input_tokens") or 0,
            "output_tokens": usage.number("output_tokens") or 0,
        }
        self._conclusion = Conclusion(
            Status.COMPLETED, Reason.COMPLETED, "turn.completed",
            result=self._speech.last or None, usage=self._usage,
        )  # fmt: skip
        return [UsageTokens(**self._usage), Over()]

    def _failed(self, why: str) -> list[Step]:
        error = why or "The turn failed."
        self._conclusion = Conclusion(Status.FAILED, Reason.ERROR, "turn.failed", error=error)
        return [Over()]

    def ended(self, end: End) -> Iterable[Data]:
        """Close what is open."""
        ends = [
            ToolCompleted(call_id=call_id, name=name, ok=False, canceled=end.stopped)
            for call_id, name in self._open.items()
        ]
        self._open.clear()
        return ends

    def conclusion(self) -> Conclusion | None:
        """Return how the turn ended."""
        return self._conclusion


def _subject(item: Facts) -> str:
    changes = ", ".join(change.text("path") for change in item.records("changes"))
    return item.text("command") or changes or item.text("query") or item.pretty("arguments")
