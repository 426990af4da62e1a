"""One tool call of an agent, merged from all that was said of it, and what a person reads of it."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Final

from tasktui.domain.facts import Facts
from tasktui.executors.agents import diffs
from tasktui.executors.agents.bounds import NAME, cut

_SUBJECTS: Final = (
    "command", "cmd", "script", "file_path", "filePath", "absolute_path", "notebook_path", "pattern",
    "query", "url", "path", "dir_path",
)  # fmt: skip
"""Keys of a tool's input that say what it is about, the most telling first."""
_OUTPUTS: Final = ("output", "formatted_output", "aggregated_output", "stdout", "text", "error", "message")
_ID_NAMES_TOOL: Final = re.compile(r"([A-Za-z]\w*?)(?:__|-\d)")
"""Gemini CLI tells the tool's name in the id alone: `run_shell_command__adb15b`."""
_NAME: Final = re.compile(r"[\w.-]+")
MAX_SUBJECT: Final = 4000
"""Characters of a tool's input that are told when no key of it says what it is about."""


@dataclass(slots=True)
class Call:
    """What is known of one tool call."""

    call_id: str
    turn: int
    """How many prompts had been said when it began."""
    name: str = ""
    kind: str | None = None
    title: str = ""
    status: str = "pending"
    raw_input: Any = None
    raw_output: Any = None
    content: list[Facts] = field(default_factory=list)
    changes: list[Facts] = field(default_factory=list)
    """The newest edits that were told, which the end of the call may leave out."""
    places: list[str] = field(default_factory=list)
    terminal: list[str] = field(default_factory=list)
    """What its terminal wrote, piece by piece."""
    fresh: list[str] = field(default_factory=list)
    """Those pieces of it that were not reported yet."""
    exit_code: int | None = None
    announced: bool = False
    asked: bool = False
    """Whether permission was asked for."""
    denied: bool = False
    told: str = ""
    """The output that was reported so far."""

    def merge(self, update: Facts) -> None:
        """Take an update: what it leaves out, or null, stays as it was; lists replace."""
        self._take_name(update)
        self.kind = cut(update.text("kind"), NAME) or self.kind
        self.title = update.text("title") or self.title
        self.status = update.text("status") or self.status
        if update.value("rawInput") is not None:
            self.raw_input = update.value("rawInput")
        if update.value("rawOutput") is not None:
            self.raw_output = update.value("rawOutput")
        if isinstance(update.value("content"), list):
            self.content = update.records("content")
            self.changes = [part for part in self.content if part.text("type") == "diff"] or self.changes
        if isinstance(update.value("locations"), list):
            self.places = [place.text("path") for place in update.records("locations")]
        self._take_terminal(update.record("_meta"))

    def _take_name(self, update: Facts) -> None:
        meta = update.record("_meta")
        name = update.text("name") or meta.record("claudeCode").text("toolName")
        name = name or meta.text("toolName") or meta.text("tool_name")
        if not name and not self.name:
            found = _ID_NAMES_TOOL.match(self.call_id)
            title = update.text("title")
            name = found.group(1) if found else title if _NAME.fullmatch(title) else ""
        self.name = name or self.name

    def _take_terminal(self, meta: Facts) -> None:
        if piece := meta.record("terminal_output_delta").text("data"):
            self.terminal.append(piece)
            self.fresh.append(piece)
        code = meta.record("terminal_exit").number("exit_code")
        self.exit_code = code if code is not None else self.exit_code

    @property
    def tool(self) -> str:
        """The tool's name, or the best word for it."""
        return self.name or self.kind or "tool"

    def has_subject(self) -> bool:
        """Tell whether its input says more than where it runs."""
        return bool(self.changes) or (
            isinstance(self.raw_input, dict) and bool(set(self.raw_input) - {"cwd"})
        )

    def subject(self) -> str:
        """Return what it would run or touch, as a person and the rules read it."""
        given = Facts.of(self.raw_input)
        for key in _SUBJECTS:
            if isinstance(given.value(key), list):
                return shlex.join(given.words(key))
            if text := given.text(key).strip():
                return text
        paths = [change.text("path") for change in self.changes] or self.places
        if self.kind != "execute" and (found := " ".join(path for path in paths if path)):
            return found
        return self._whole_input() or self.title

    def _whole_input(self) -> str:
        if isinstance(self.raw_input, str):
            return self.raw_input[:MAX_SUBJECT]
        if not self.has_subject() or not isinstance(self.raw_input, dict):
            return ""
        return json.dumps(self.raw_input, ensure_ascii=False)[:MAX_SUBJECT]

    def summary(self) -> str:
        """Return what is asked permission for: a command as it stands, else the tool and what it touches."""
        subject = self.subject()
        return subject if self.kind == "execute" and subject else f"{self.tool} {subject}".strip()

    def output(self) -> str | None:
        """Return what it gave, from where this agent tells it."""
        if self.terminal:
            return "".join(self.terminal)
        if isinstance(self.raw_output, str):
            return self.raw_output
        given = Facts.of(self.raw_output)
        found = next((given.text(key) for key in _OUTPUTS if given.text(key)), "")
        text = "\n".join(filter(None, (text_of(part.record("content")) for part in self.content)))
        return found or text or given_json(self.raw_output) or None

    def news(self) -> str:
        """Return what it gave since it was asked last; agents without a terminal tell all of it each time."""
        if self.terminal:
            news = "".join(self.fresh)
            self.fresh.clear()
            return news
        output = self.output() or ""
        news, self.told = output.removeprefix(self.told), output
        return news

    def diff(self, cwd: str) -> str | None:
        """Return what it changes as a unified diff."""
        parts = [
            diffs.unified(_within(part.text("path"), cwd), part.text("oldText"), part.text("newText"))
            for part in self.changes
        ]
        return "\n".join(part for part in parts if part) or None


def text_of(block: Facts) -> str:
    """Return the text of a content block; what is no text is named in brackets."""
    match block.text("type"):
        case "text" | "":
            return block.text("text")
        case "resource_link":
            return f"[{block.text('name') or block.text('uri')}]"
        case "resource":
            resource = block.record("resource")
            return resource.text("text") or f"[{resource.text('uri')}]"
        case other:
            return f"[{other}]"


def given_json(value: object) -> str:
    """Return an answer that has no text of its own; empty when there is none."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) and value else ""


def _within(path: str, cwd: str) -> str:
    place = PurePath(path)
    return str(place.relative_to(cwd)) if place.is_relative_to(cwd) else path
