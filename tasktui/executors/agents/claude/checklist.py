"""The checklist of an agent, from the tools that keep its own: todos as a whole, or tasks one by one."""

from __future__ import annotations

import re
from typing import Final

from tasktui.domain.events.base import Data
from tasktui.domain.events.evidence import ChecklistItem, ChecklistUpdated
from tasktui.domain.facts import Facts

_WHOLE: Final = frozenset({"todowrite", "todo_write"})
_STATUS: Final = {"in_progress": "in_progress", "completed": "completed"}
_NUMBER: Final = re.compile(r"#(\w+)")


class Checklist:
    """What the agent means to do, in the order in which it said so."""

    def __init__(self) -> None:
        self._tasks: dict[str, tuple[str, str]] = {}

    def begun(self, tool: str, tool_input: Facts) -> list[Data]:
        """Take the begin of a call: todos are written as a whole."""
        if tool.lower() not in _WHOLE:
            return []
        self._tasks = {
            str(number): (todo.text("content") or todo.text("activeForm"), todo.text("status"))
            for number, todo in enumerate(tool_input.records("todos"), 1)
        }
        return self._updated()

    def ended(self, tool: str, tool_input: Facts, result: Facts, output: str) -> list[Data]:
        """Take the end of a call that went well: tasks are made and changed one by one."""
        if tool == "TaskCreate":
            found = _NUMBER.search(output)
            number = result.record("task").text("id") or (found.group(1) if found else "")
            self._tasks[number or f"new {len(self._tasks) + 1}"] = (tool_input.text("subject"), "pending")
            return self._updated()
        if tool == "TaskUpdate" and (number := tool_input.text("taskId")) in self._tasks:
            self._change(number, tool_input)
            return self._updated()
        return []

    def _change(self, number: str, change: Facts) -> None:
        subject, status = self._tasks[number]
        if change.text("status") == "deleted":
            del self._tasks[number]
        else:
            self._tasks[number] = (change.text("subject") or subject, change.text("status") or status)

    def _updated(self) -> list[Data]:
        items = tuple(
            ChecklistItem.model_validate(
                {"id": number, "content": content, "status": _STATUS.get(status, "pending")}
            )
            for number, (content, status) in enumerate(self._tasks.values(), 1)
        )
        return [ChecklistUpdated(items=items)]
