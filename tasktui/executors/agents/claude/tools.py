"""The tool calls of Claude Code and Qwen Code: each begins once, ends once, and ends with its turn."""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

from tasktui.domain.events.base import Data
from tasktui.domain.events.work import ToolCompleted, ToolProgress, ToolStarted
from tasktui.domain.facts import Facts
from tasktui.executors.agents.claude.changes import diff_of, path_of
from tasktui.executors.agents.claude.checklist import Checklist

_KINDS: Final = {
    "read": "read notebookread readmcpresource listmcpresources read_file read_many_files",
    "search": "glob grep ls toolsearch grep_search list_directory search_file_content",
    "edit": "edit write multiedit notebookedit write_file",
    "execute": "bash bashoutput killshell killbash monitor run_shell_command powershell",
    "fetch": "webfetch websearch web_fetch web_search",
    "think": "todowrite todo_write taskcreate taskupdate tasklist taskget",
}
_KIND_OF: Final = {name: kind for kind, names in _KINDS.items() for name in names.split()}
_SUBJECTS: Final = ("command", "pattern", "query", "url", "plan", "description", "prompt")


class Call(NamedTuple):
    """A call that has begun."""

    name: str
    input: Facts
    parent: str | None


class Tools:
    """The calls of one run."""

    def __init__(self) -> None:
        self._open: dict[str, Call] = {}
        self._ended: set[str] = set()
        self._checklist = Checklist()

    def begun(self, call_id: str, name: str, tool_input: object, parent: str | None = None) -> list[Data]:
        """Take the begin of a call, from the agent's message or from its question for permission."""
        if not call_id or call_id in self._open or call_id in self._ended:
            return []
        facts = Facts.of(tool_input)
        self._open[call_id] = Call(name or "?", facts, parent)
        started = ToolStarted(
            call_id=call_id, name=name or "?", input=shown(name, tool_input), kind=kind_of(name),
            parent_message_id=parent,
        )  # fmt: skip
        return [started, *([] if parent else self._checklist.begun(name, facts))]

    def progress(self, call_id: str, text: str) -> list[Data]:
        """Take what those say whom the agent called."""
        known = call_id in self._open or call_id in self._ended  # one in the background ends at its begin
        return [ToolProgress(call_id=call_id, text=text)] if known and text else []

    def ended(self, block: Facts, result: Facts, *, stopped: bool) -> list[Data]:
        """Take the result of a call.

        Args:
            block: what the model reads of it.
            result: what the agent itself knows of it.
            stopped: whether what was being done had been interrupted.
        """
        call_id = block.text("tool_use_id")
        if not call_id or call_id in self._ended:
            return []
        call = self._open.pop(call_id, Call("?", Facts(None), None))
        self._ended.add(call_id)
        ok, output = not block.flag("is_error"), text_of(block.value("content"))
        end = ToolCompleted(
            call_id=call_id, ok=ok, name=call.name, output=output, canceled=stopped and not ok,
            diff=diff_of(call.input, result) if ok and kind_of(call.name) == "edit" else None,
        )  # fmt: skip
        kept = ok and call.parent is None
        return [end, *(self._checklist.ended(call.name, call.input, result, output) if kept else [])]

    def close(self, *, canceled: bool, all_: bool) -> list[Data]:
        """End the calls that are open: all, or the agent's own."""
        gone = {call_id: call for call_id, call in self._open.items() if all_ or call.parent is None}
        self._ended.update(gone)
        self._open = {call_id: call for call_id, call in self._open.items() if call_id not in gone}
        return [
            ToolCompleted(call_id=call_id, name=call.name, ok=False, canceled=canceled)
            for call_id, call in gone.items()
        ]


def kind_of(tool: str) -> str:
    """Return what sort of tool it is."""
    return _KIND_OF.get(tool.lower(), "other")


def subject_of(tool: str, tool_input: Facts) -> str:
    """Return what a call would run or touch, in the words by which rules know it."""
    if kind_of(tool) in {"read", "edit"}:
        return path_of(tool_input)
    return next((text for name in _SUBJECTS if (text := tool_input.text(name))), "") or path_of(tool_input)


def shown(tool: str, tool_input: object) -> str:
    """Return the input of a call as a person reads it: an edit's texts are shown as its diff."""
    facts = Facts.of(tool_input)
    plain = subject_of(tool, facts) if kind_of(tool) in {"read", "edit", "execute"} else ""
    return plain or (json.dumps(tool_input, ensure_ascii=False) if tool_input else "")


def text_of(content: Any) -> str:
    """Return the text of a result: a text, or blocks of which some may be pictures."""
    if isinstance(content, str):
        return content
    blocks = [Facts.of(block) for block in content] if isinstance(content, list) else []
    parts = [block.text("text") or f"[{block.text('type') or 'something'}]" for block in blocks]
    return "\n".join(parts)
