"""What a row says of a tool call: a sign and a word for its kind, and in one line what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tasktui.domain.changed import told
from tasktui.domain.clean import summarize
from tasktui.domain.facts import Facts
from tasktui.domain.status import ToolStatus

if TYPE_CHECKING:
    from tasktui.domain.records import ToolCall

MOST: Final = 400
"""Characters of what a call is about, and of what came of it."""
_READABLE: Final = 65_536
"""Characters of an input that is read as JSON."""


class Sort(NamedTuple):
    """How a kind of tool is shown."""

    glyph: str
    word: str
    about: tuple[str, ...]
    """Fields of the input that say what a call is about, the most telling first."""


_PATHS: Final = ("file_path", "filePath", "absolute_path", "notebook_path", "path", "target_file")
_OTHER: Final = Sort("·", "tool", ("command", *_PATHS, "query", "url", "description", "prompt"))
_SORTS: Final = {
    "read": Sort("≡", "read", _PATHS),
    "edit": Sort("±", "edit", _PATHS),
    "execute": Sort("$", "run", ("command", "cmd", "script")),
    "search": Sort("/", "find", ("pattern", "query", "regex", "glob", *_PATHS)),
    "fetch": Sort("↓", "fetch", ("url", "query")),
    "think": Sort("○", "think", ("description", "prompt", "plan", "thought")),
}
_SAME: Final = {"delete": "edit", "move": "edit", "fetch_local": "read"}
"""Kinds of the protocols that are shown as another."""
_WHERE: Final = ("path", "dir_path", "directory")
SORT_CELLS: Final = 8
"""Cells of sign and word, with the space behind them."""


def sort_of(kind: str | None) -> Sort:
    """Return how a kind is shown; one that is unknown is just a tool."""
    word = (kind or "").lower()
    return _SORTS.get(_SAME.get(word, word), _OTHER)


def about(call: ToolCall) -> str:
    """Return in one line what a call is about and what came of it."""
    sort = sort_of(call.kind)
    said = summarize(_subject(call.input_summary or "", sort), MOST)
    return " ".join(part for part in (said, _came_of(call)) if part)


def subject(text: str, kind: str | None) -> str:
    """Return what a call's input says it runs or touches; the input itself where it does not say."""
    return _subject(text, sort_of(kind))


def _came_of(call: ToolCall) -> str:
    if call.status is ToolStatus.FAILED and call.output_summary:
        return f"→ {summarize(call.output_summary, MOST)}"
    return told(call.added, call.removed)


def _subject(text: str, sort: Sort) -> str:
    given = _fields(text)
    found = next((name for name in sort.about if given.text(name)), None)
    if found is None:
        return text if sort is _OTHER or not given.names() else _pairs(given)
    where = next((given.text(name) for name in _WHERE if name != found and given.text(name)), "")
    return f"{given.text(found)} in {where}" if where and sort.word == "find" else given.text(found)


def _pairs(given: Facts) -> str:
    return " ".join(f"{name}={value}" for name in given.names() if (value := given.text(name)))


def _fields(text: str) -> Facts:
    """Return an input's fields where it is a JSON object."""
    return Facts(text if text.startswith("{") and len(text) <= _READABLE else None)
