"""The one table of actions: bindings, footer, help, palette and docs are all made from it.

An action joins the table together with the code that does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from textual.binding import Binding
from textual.keys import format_key

from tasktui.domain.errors import ConfigError

Context = Literal["everywhere", "views", "list", "filter", "act", "answer", "detail", "search"]
"""Where a key holds: everywhere; in the views; in the task list; while typing its filter; wherever a task is
chosen (act and answer); in the detail pane; in the detail pane while a search is on."""

TOGETHER: Final[tuple[tuple[Context, ...], ...]] = (
    ("list", "act", "answer", "views", "everywhere"),
    ("filter",),
    ("detail", "act", "answer", "views", "everywhere"),
    ("search", "act", "answer", "views", "everywhere"),
)
"""Contexts that hold at the same time: a key means one thing in each of these sets."""


@dataclass(frozen=True, slots=True)
class Key:
    """One action, and how a person gets at it."""

    id: str
    keys: str
    """As Textual binds them, separated by commas; single characters stand for themselves."""
    description: str
    context: Context
    group: str
    """Heading under which help shows it."""
    footer: int = 0
    """The higher, the longer it stays in a narrow footer; 0: never there."""
    word: str = ""
    """What the footer says."""
    call: str = ""
    """The Textual action; the id with underscores when empty."""
    safe: str = ""
    """The keys in safe mode, where lowercase letters do nothing to a task: a stray paste cannot act."""

    @property
    def action(self) -> str:
        """The Textual action that the key runs."""
        return self.call or self.id.replace(".", "_")

    def shown(self, keymap: Mapping[str, str] = {}) -> tuple[str, ...]:
        """The keys as a person reads them, with the person's own from `keymap` instead of ours."""
        return tuple(readable(key) for key in split(keymap.get(self.id, self.keys)))


TABLE: Final[tuple[Key, ...]] = (
    Key("help", "?,f1", "Keys and help of this place", "everywhere", "App", 60, "Help"),
    Key("palette", "ctrl+p,:", "Every action by name", "everywhere", "App", 50, "Actions", "command_palette"),
    Key("back", "escape", "Close, clear, leave the pane", "everywhere", "App", call="screen.back"),
    Key("quit", "q,ctrl+q", "Leave; asks when work is running", "everywhere", "App", 40, "Quit", "leave"),
    Key("pane.next", "tab", "Next pane", "everywhere", "Move", 10, "Pane", "app.focus_next"),
    Key("pane.previous", "shift+tab", "Previous pane", "everywhere", "Move", call="app.focus_previous"),
    Key(
        "pane.maximize",
        "m",
        "One pane fills the screen, and back",
        "everywhere",
        "View",
        8,
        "Zoom",
        "screen.pane_maximize",
    ),
    Key("redraw", "ctrl+l", "Draw the screen anew", "everywhere", "App"),
    Key("suspend", "ctrl+z", "Back to the shell, until `fg`", "everywhere", "App", call="suspend_process"),
    Key("undo", "z", "Undo the last archive, hold or priority", "everywhere", "Act", safe="Z"),
    Key("copy", "ctrl+c", "Copy the selection", "everywhere", "Copy", call="copy_selected"),
    Key(
        "attention.next",
        "w",
        "The next task that needs somebody",
        "views",
        "Answer",
        30,
        "Next waiting",
        "screen.attention_next",
    ),
    Key("list.down", "j,down", "Down", "list", "Move", 20, "Down"),
    Key("list.up", "k,up", "Up", "list", "Move", 20, "Up"),
    Key("list.page_down", "ctrl+d,pagedown", "Half a page down", "list", "Move"),
    Key("list.page_up", "ctrl+u,pageup", "Half a page up", "list", "Move"),
    Key("list.top", "g,home", "First task", "list", "Move"),
    Key("list.bottom", "G,end", "Last task", "list", "Move"),
    Key("task.open", "enter,l", "Open the task", "list", "Move", 80, "Open"),
    Key("task.new", "n", "New task", "list", "Act", 90, "New", call="app.task_new", safe="N"),
    Key(
        "task.again",
        "N",
        "Run this one again with changes",
        "list",
        "Act",
        call="app.task_again",
        safe="ctrl+n",
    ),
    Key("list.filter", "/", "Filter the list", "list", "View", 70, "Filter", call="screen.list_filter"),
    Key("list.sort", "s", "Sort the list", "list", "View", 6, "Sort", call="screen.list_sort"),
    Key("list.group", "b", "Group the list", "list", "View", 4, "Group", call="screen.list_group"),
    Key(
        "list.status", "f", "Only tasks of one status", "list", "View", 5, "Status", call="screen.list_status"
    ),
    Key("filter.keep", "enter,down", "Keep the filter and go to the list", "filter", "View", 90, "Keep"),
    Key("filter.clear", "escape", "Clear the filter", "filter", "View", 89, "Clear"),
    Key("mark", "space", "Mark or unmark the task", "list", "Select", 35, "Mark"),
    Key("mark.range", "V", "Mark from here to where the cursor goes", "list", "Select"),
    Key("mark.all", "*", "Mark all that the list shows", "list", "Select"),
    Key("mark.invert", "~", "Marked ones become unmarked and the reverse", "list", "Select"),
    Key("task.cancel", "x", "Cancel the task; again to confirm", "act", "Act", 85, "Cancel", safe="X"),
    Key("task.kill", "X", "Cancel it by force", "act", "Act", safe="ctrl+x"),
    Key("task.hold", "h", "Hold or release a queued task", "act", "Act", 12, "Hold", safe="H"),
    Key("lane.pause", "P", "Pause or continue its lane", "act", "Act"),
    Key("task.retry", "r", "Run a finished task again", "act", "Act", 45, "Retry", safe="R"),
    Key("task.retry_edit", "R", "Run a finished task again with changes", "act", "Act", safe="ctrl+e"),
    Key("task.priority_up", "+", "Raise the priority", "act", "Act"),
    Key("task.priority_down", "-", "Lower the priority", "act", "Act"),
    Key("task.archive", "d", "Hide a finished task from the list", "act", "Act", 15, "Archive", safe="D"),
    Key("task.purge", "D", "Delete a finished task with its files", "act", "Act", safe="delete"),
    Key("task.yank", "y", "Copy id, command, path or output", "act", "Copy", 25, "Copy"),
    Key("intervene", "i", "Send a message to a running task", "answer", "Answer", 75, "Message", safe="I"),
    Key("approve", "a", "Allow once, or answer", "answer", "Answer", 65, "Allow", safe="A"),
    Key("approve.always", "A", "Allow for this task", "answer", "Answer", safe="ctrl+y"),
    Key("deny", "u", "Deny", "answer", "Answer", 64, "Deny", safe="U"),
    Key("deny.reason", "U", "Deny and say why", "answer", "Answer", safe="ctrl+k"),
    Key("tab.1", "1", "Timeline", "detail", "Tabs", call="tab(1)"),
    Key("tab.2", "2", "Tools", "detail", "Tabs", call="tab(2)"),
    Key("tab.3", "3", "Messages", "detail", "Tabs", call="tab(3)"),
    Key("tab.4", "4", "Output", "detail", "Tabs", call="tab(4)"),
    Key("tab.5", "5", "Artifacts", "detail", "Tabs", call="tab(5)"),
    Key("tab.6", "6", "Checks", "detail", "Tabs", call="tab(6)"),
    Key("tab.7", "7", "Info", "detail", "Tabs", call="tab(7)"),
    Key("tab.next", "]", "Next tab", "detail", "Tabs", 34, "Tab"),
    Key("tab.previous", "[", "Previous tab", "detail", "Tabs", 33, "Tab"),
    Key("line.down", "j,down", "Down", "detail", "Move"),
    Key("line.up", "k,up", "Up", "detail", "Move"),
    Key("line.page_down", "ctrl+d,pagedown", "Half a page down", "detail", "Move"),
    Key("line.page_up", "ctrl+u,pageup", "Half a page up", "detail", "Move"),
    Key("line.top", "g,home", "To the beginning", "detail", "Move"),
    Key("line.bottom", "G,end", "To the end, and follow it", "detail", "Move"),
    Key("follow", "f", "Follow what comes", "detail", "View", 55, "Follow"),
    Key("wrap", "W", "Wrap long lines", "detail", "View"),
    Key("timestamps", "ctrl+t", "Show or hide times", "detail", "View"),
    Key("raw", "ctrl+r", "Show it raw", "detail", "View"),
    Key("search", "/", "Search in this pane", "detail", "Search", 70, "Search"),
    Key("search.next", "n", "Next match", "search", "Search", 72, "Next"),
    Key("search.previous", "N", "Previous match", "search", "Search", 71, "Previous"),
    Key("tool.next", "}", "Next tool call", "detail", "Move"),
    Key("tool.previous", "{", "Previous tool call", "detail", "Move"),
    Key("error.next", ")", "Next error", "detail", "Move"),
    Key("error.previous", "(", "Previous error", "detail", "Move"),
    Key("expand", "enter", "Expand or collapse", "detail", "View", 80, "Expand"),
    Key("expand.all", "=", "Expand all", "detail", "View"),
    Key("collapse.all", "_", "Collapse all", "detail", "View"),
    Key("copy_mode", "v", "Move, mark, copy", "detail", "Copy"),
)
"""Every action, in the order in which help shows them."""

BY_ID: Final[Mapping[str, Key]] = {key.id: key for key in TABLE}

_SHOWN: Final = {
    "escape": "esc", "pagedown": "pgdn", "pageup": "pgup", "question_mark": "?", "up": "↑", "down": "↓",
}  # fmt: skip


def chosen(own: Mapping[str, str], *, safe_mode: bool) -> dict[str, str]:
    """Return the keys to use instead of ours, by action id: the person's own before those of safe mode."""
    return {key.id: key.safe for key in TABLE if key.safe and safe_mode} | dict(own)


def bindings(*contexts: Context) -> list[Binding]:
    """Return the bindings of these contexts, for the BINDINGS of the widget in which they hold."""
    return [
        Binding(key.keys, key.action, key.description, id=key.id, show=False)
        for key in TABLE
        if key.context in contexts
    ]


def split(keys: str) -> list[str]:
    """Return the single keys of a comma-separated list; a comma by itself is the key `comma`."""
    return [key.strip() for key in keys.split(",") if key.strip()]


def readable(key: str) -> str:
    """Return a key as the footer shows it: `esc`, `^p`, `?`."""
    if len(key) == 1:
        return key
    if key.startswith("ctrl+"):
        return "^" + readable(key.removeprefix("ctrl+"))
    return _SHOWN.get(key) or format_key(key)


def footer(contexts: Iterable[Context]) -> list[Key]:
    """Return what the footer shows where these contexts hold, the most important first."""
    wanted = set(contexts)
    shown = [key for key in TABLE if key.footer and key.context in wanted]
    return sorted(shown, key=lambda key: -key.footer)


def check(keymap: Mapping[str, str]) -> None:
    """Check a person's keymap: ids with keys to use instead of ours.

    Raises:
        ConfigError: an id is unknown, or two actions that hold at the same time share a key.
    """
    for name in keymap:
        if name not in BY_ID:
            raise ConfigError(f"keymap: there is no action {name!r}; `tasktui keys` lists them", key=name)
    for key, first, second in clashes(keymap):
        raise ConfigError(
            f"keymap: {key!r} is both {first!r} and {second!r}; give one of them another key", key=second
        )


def clashes(keymap: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield each key that two actions share in one place, with the ids of both."""
    for contexts in TOGETHER:
        taken: dict[str, str] = {}
        for entry in (entry for entry in TABLE if entry.context in contexts):
            for key in map(_named, split(keymap.get(entry.id, entry.keys))):
                holder = taken.setdefault(key, entry.id)
                if holder != entry.id:
                    yield key, holder, entry.id


def _named(key: str) -> str:
    """The two spellings of a capital letter are one key."""
    letter = key.removeprefix("shift+")
    return letter.upper() if len(letter) == 1 and letter.isalpha() and letter != key else key
