"""What Codex's app-server tells of its items, as facts: messages, thoughts, tool calls, the plan."""

from __future__ import annotations

from typing import Final

from tasktui.domain.events.base import Data
from tasktui.domain.events.evidence import ChecklistItem, ChecklistUpdated
from tasktui.domain.events.work import ToolCompleted, ToolProgress, ToolStarted
from tasktui.domain.facts import Facts
from tasktui.executors.agents.speech import Speech

_STEPS: Final = {"inProgress": "in_progress", "in_progress": "in_progress", "completed": "completed"}
_KINDS: Final = {
    "commandExecution": ("shell", "execute"),
    "fileChange": ("edit", "edit"),
    "mcpToolCall": ("mcp", "other"),
    "dynamicToolCall": ("tool", "other"),
    "webSearch": ("search", "fetch"),
    "imageView": ("view", "read"),
    "collabAgentToolCall": ("agent", "other"),
    "contextCompaction": ("compact", "other"),
}
"""Our name and kind of a tool by the item's type."""
_SILENT: Final = frozenset({"userMessage", "hookPrompt", "enteredReviewMode", "exitedReviewMode"})
_SAID: Final = {"agentMessage": "agent", "plan": "agent", "reasoning": "thought"}


class Items:
    """The items of one thread, each begun and ended once."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._open: dict[str, str] = {}
        """Tool calls that have begun, and their names."""

    def started(self, item: Facts) -> list[Data]:
        """Take the begin of an item."""
        kind, call_id = item.text("type"), item.text("id")
        if kind in _SILENT or kind in _SAID or not call_id or call_id in self._open:
            return []
        name, sort = named(item)
        self._open[call_id] = name
        return [
            *self._speech.finish(),
            ToolStarted(call_id=call_id, name=name, input=subject(item), kind=sort),
        ]

    def completed(self, item: Facts) -> list[Data]:
        """Take the end of an item, begun or not."""
        kind, call_id = item.text("type"), item.text("id")
        if kind in _SILENT:
            return []
        if kind in _SAID:
            return self._message(kind, item)
        if not call_id:
            return []
        begun = self.started(item)
        self._open.pop(call_id, None)
        return [*begun, _end(item, call_id)]

    def progress(self, call_id: str, text: str) -> list[Data]:
        """Take a piece of what a tool writes."""
        return [ToolProgress(call_id=call_id, text=text)] if call_id in self._open and text else []

    def close(self, *, canceled: bool) -> list[Data]:
        """End what was left open at the end of a turn: Codex does not."""
        ends: list[Data] = [
            ToolCompleted(call_id=call_id, name=name, ok=False, canceled=canceled)
            for call_id, name in self._open.items()
        ]
        self._open.clear()
        return [*self._speech.finish(), *ends]

    def _message(self, kind: str, item: Facts) -> list[Data]:
        text = item.text("text")
        if kind == "reasoning":
            text = "\n\n".join(item.words("summary") or item.words("content"))
        return self._speech.whole("thought" if _SAID[kind] == "thought" else "agent", text, item.text("id"))


def named(item: Facts) -> tuple[str, str]:
    """Return our name and kind of an item's tool."""
    kind = item.text("type")
    name, sort = _KINDS.get(kind, (kind or "tool", "other"))
    if kind in {"mcpToolCall", "dynamicToolCall"}:
        name = ".".join(part for part in (item.text("server"), item.text("tool")) if part) or name
    if kind == "commandExecution" and actions_are(item, {"read", "listFiles", "search"}):
        sort = "read"
    return name, sort


def actions_are(item: Facts, kinds: set[str]) -> bool:
    """Tell whether every action of a command is one of these, and there is one."""
    found = [action.text("type") for action in item.records("commandActions")]
    return bool(found) and set(found) <= kinds


def subject(item: Facts) -> str:
    """Return what a tool call runs or touches, as a person reads it."""
    match item.text("type"):
        case "commandExecution":
            return command_of(item)
        case "fileChange":
            return ", ".join(change.text("path") for change in item.records("changes"))
        case "webSearch":
            return item.text("query")
        case "imageView":
            return item.text("path")
        case _:
            return item.pretty("arguments") or item.text("arguments") or item.text("prompt")


def command_of(item: Facts) -> str:
    """Return a command line without the shell that Codex puts around it."""
    actions = [action.text("command") for action in item.records("commandActions")]
    return " && ".join(action for action in actions if action) or item.text("command")


def diff_of(item: Facts) -> str | None:
    """Return what a file change changes, as one unified diff."""
    parts = []
    for change in item.records("changes"):
        text, path = change.text("diff"), change.text("path")
        head = "" if text.startswith(("---", "diff ")) else f"--- {path}\n+++ {path}\n"
        parts.append(head + text)
    return "\n".join(parts) or None


def plan_of(plan: Facts) -> list[Data]:
    """Return the checklist that a plan makes."""
    items = [
        ChecklistItem.model_validate(
            {"id": number, "content": step.text("step"), "status": _STEPS.get(step.text("status"), "pending")}
        )
        for number, step in enumerate(plan.records("plan"), 1)
    ]
    if not items:
        return []
    done = sum(item.status == "completed" for item in items)
    current = next((item.id for item in items if item.status == "in_progress"), None)
    percent = round(100 * done / len(items))
    return [ChecklistUpdated(items=tuple(items), completion_pct=percent, in_progress_id=current)]


def _end(item: Facts, call_id: str) -> ToolCompleted:
    status = item.text("status")
    error = item.record("error").text("message")
    output = item.text("aggregatedOutput") or error or item.text("result")
    code = item.number("exitCode")
    return ToolCompleted(
        call_id=call_id,
        name=named(item)[0],
        ok=status not in {"failed", "declined"} and not code and not error,
        output=output or None,
        diff=diff_of(item) if item.text("type") == "fileChange" else None,
        duration_ms=item.number("durationMs"),
        canceled=status == "declined",
        metadata={"exit_code": code} if code is not None else None,
    )
