"""What an agent tells while it works: `session/update` of the Agent Client Protocol as facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskStatus, TaskWarning
from tasktui.domain.events.work import RuntimeEvent, UsageContext
from tasktui.domain.facts import Facts
from tasktui.executors.agents.acp.checklist import Checklist
from tasktui.executors.agents.acp.tool_call import text_of
from tasktui.executors.agents.acp.tools import Tools
from tasktui.executors.agents.acp.usage import Usage, counted
from tasktui.executors.agents.bounds import NAME, cut
from tasktui.executors.agents.policy import asks_nobody
from tasktui.executors.agents.speech import Role, Speech
from tasktui.executors.agents.start import Start

_SPEECH: Final[dict[str, Role]] = {
    "agent_message_chunk": "agent",
    "agent_thought_chunk": "thought",
    "user_message_chunk": "user",
}
_TOOLS: Final = frozenset({"tool_call", "tool_call_update"})
_COUNTED: Final = frozenset({"available_commands_update", "config_option_update", "session_info_update"})
_REPLAYED: Final = {
    "user_message_chunk": "of a person",
    "agent_message_chunk": "of the agent",
    "agent_thought_chunk": "of its thoughts",
    "tool_call": "of its tools",
}
MAX_STRANGE: Final = 100
"""Names that are remembered of what is unknown."""


class Updates:
    """Takes the updates of one session."""

    def __init__(self, start: Start) -> None:
        self.checklist = Checklist()
        self.tools = Tools(start, self.checklist)
        self.speech = Speech()
        self.usage = Usage()
        self.replaying = False
        """Whether the agent tells the session's history, which was counted when it happened."""
        self._history: Counter[str] = Counter()
        self._strange: set[str] = set()
        self._policy = start.rules.policy

    def take(self, update: Facts) -> list[Data]:
        """Return the facts of one update."""
        kind = update.text("sessionUpdate")
        if self.replaying and (kind in _REPLAYED or kind in _TOOLS):
            return self._replayed(kind, update)
        if kind in _SPEECH:
            text = text_of(update.record("content"))
            piece = self.speech.piece(_SPEECH[kind], text, cut(update.text("messageId"), NAME) or None)
            return [*piece, *self.usage.spoken(update)]
        if kind in _TOOLS:
            facts = self.tools.told(update, first=kind == "tool_call")
            return [*self.speech.finish(), *facts] if facts else []
        return self._about_the_session(kind, update)

    def _about_the_session(self, kind: str, update: Facts) -> list[Data]:
        match kind:
            case "plan" | "plan_update" | "plan_removed":
                entries = update.records("entries") or update.record("plan").records("entries")
                return [*self.checklist.planned(entries)]
            case "usage_update":
                return [*self._used(update)]
            case "current_mode_update":
                return [*self._changed_mode(cut(update.text("currentModeId"), NAME))]
            case _ if kind in _COUNTED:
                return [RuntimeEvent(event=kind, summary=cut(update.text("title"), NAME))]
            case _:
                return self.strange(f"session/update {kind}".strip())

    def _changed_mode(self, mode: str) -> Iterator[Data]:
        """Tell its mode; one that asks nobody is not the agent's to choose, and we hear of no call in it."""
        yield TaskStatus(message=f"Mode: {mode}")
        if asks_nobody(mode) and self._policy != "allow":
            text = (
                f"The agent says that it works in the mode {mode}: it asks nobody, and this task is to ask."
            )
            yield TaskWarning(message=text, code="agent_mode")

    def _used(self, update: Facts) -> list[Data]:
        used, size = update.number("used"), update.number("size")
        facts: list[Data] = []
        if used is not None and size is not None:
            facts.append(UsageContext(used_tokens=counted(used), max_tokens=counted(size)))
        return [*facts, *self.usage.cost(update.record("cost"))]

    def _replayed(self, kind: str, update: Facts) -> list[Data]:
        self._history[kind] += 1
        if kind in _TOOLS:
            self.tools.forget(update)
        return []

    def replayed(self) -> list[Data]:
        """End the history; return what was told of it."""
        self.replaying = False
        parts = [f"{self._history[kind]} {words}" for kind, words in _REPLAYED.items() if self._history[kind]]
        if not parts:
            return []
        return [TaskStatus(message=f"The session's history was read again: pieces {', '.join(parts)}.")]

    def strange(self, what: str, sentence: str | None = None) -> list[Data]:
        """Count something unknown, and warn of it once."""
        what = cut(what, NAME)
        facts: list[Data] = [RuntimeEvent(event=what)]
        if what not in self._strange and len(self._strange) < MAX_STRANGE:
            self._strange.add(what)
            text = sentence or f"The agent said something unknown: {what}"
            facts.append(TaskWarning(message=text, code="agent_unknown"))
        return facts
