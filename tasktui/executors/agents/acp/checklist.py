"""The checklist of an agent: from its plan, and from the tools by which agents keep their own."""

from __future__ import annotations

from typing import Final, Literal

from tasktui.domain.events.evidence import ChecklistItem, ChecklistUpdated
from tasktui.domain.facts import Facts
from tasktui.executors.agents.acp.tool_call import Call
from tasktui.executors.agents.bounds import NAME, cut

_TOOLS: Final = frozenset({"todowrite", "updateplan", "writetodos", "todo", "todos"})
_LISTS: Final = ("todos", "plan", "items")
_WORDS: Final = ("content", "step", "description", "title", "text")
_STATUS: Final[dict[str, Literal["in_progress", "completed"]]] = {
    "in_progress": "in_progress", "completed": "completed", "done": "completed",
}  # fmt: skip

MANY: Final = 100
"""Entries of a list that are shown."""


class Checklist:
    """The newest list; one that says the same again is passed over."""

    def __init__(self) -> None:
        self._items: tuple[ChecklistItem, ...] | None = None

    def planned(self, entries: list[Facts]) -> list[ChecklistUpdated]:
        """Take a whole list."""
        wanted = [entry for entry in entries if entry.text("status") not in {"cancelled", "canceled"}]
        items = tuple(
            ChecklistItem(
                id=number,
                content=cut(next((entry.text(word) for word in _WORDS if entry.text(word)), "?"), NAME),
                status=_STATUS.get(entry.text("status"), "pending"),
            )
            for number, entry in enumerate(wanted[:MANY], 1)
        )
        if items == self._items:
            return []
        self._items = items
        current = next((item.id for item in items if item.status == "in_progress"), None)
        return [ChecklistUpdated(items=items, in_progress_id=current)]

    def noted(self, call: Call) -> list[ChecklistUpdated]:
        """Take a call of a tool that keeps a list; any other says nothing of it."""
        tool = call.name.rpartition(".")[2]  # Mistral Vibe puts its own name before it
        if tool.lower().replace("_", "") not in _TOOLS:
            return []
        given = Facts.of(call.raw_input)
        found = next((given.records(key) for key in _LISTS if given.records(key)), [])
        return self.planned(found) if found else []
