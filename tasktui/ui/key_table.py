"""The one table of actions: what each is called, its keys, where it holds.

An action joins the table together with the code that does it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from textual.keys import format_key

Context = Literal[
    "everywhere", "views", "list", "filter", "act", "answer", "detail", "search", "finder", "copying", "talk",
    "asked", "rows", "lanes", "finding", "found", "options",
    "machines",
]  # fmt: skip
"""Where a key holds: everywhere; in the views; in the task list; while typing its filter; wherever a task is
chosen (act and answer); in the detail pane; there while a search is on, while typing what to search for,
while lines are selected, while typing a message; in the dialog of a question; in the rows of a view, in those
of the lanes; while typing what to find over all tasks, and in what was found; where a question is shown and
digits mean nothing else; in the rows of the machines."""

TOGETHER: Final[tuple[tuple[Context, ...], ...]] = (
    ("list", "act", "answer", "options", "views", "everywhere"),
    ("filter",),
    ("detail", "act", "answer", "views", "everywhere"),
    ("search", "act", "answer", "views", "everywhere"),
    ("finder",),
    ("copying",),
    ("talk",),
    ("asked",),
    ("rows", "answer", "options", "views", "everywhere"),
    ("rows", "lanes", "views", "everywhere"),
    ("rows", "found", "views", "everywhere"),
    ("rows", "machines", "views", "everywhere"),
    ("finding",),
)
"""Contexts that hold at the same time: a key means one thing in each of these sets."""


OPTIONS: Final = 7
"""Answers of a question that have a key of their own."""


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
    Key("undo", "z", "Undo the last archive, hold, move or mark, for 10 s", "everywhere", "Act", safe="Z"),
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
    Key("view.inbox", "I", "All questions and approvals", "views", "Views", 28, "Inbox"),
    Key("view.find", "F", "Find text in all tasks", "views", "Views", 27, "Find"),
    Key("view.stats", "S", "Figures, and the lanes with their limits", "views", "Views", 26, "Figures"),
    Key("view.hosts", "H", "The machines, and how each stands", "views", "Views", safe="ctrl+g"),
    Key("owner.stop", "Q", "Stop everything here, after asking", "everywhere", "App"),
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
    Key("task.pause", "p", "Pause or continue a running task", "act", "Act", 11, "Pause", safe="ctrl+w"),
    Key("lane.pause", "P", "Pause or continue its lane", "act", "Act"),
    Key("lane.limit", "L", "How many tasks of its lane run at once", "act", "Act"),
    Key("task.retry", "r", "Run a finished task again", "act", "Act", 45, "Retry", safe="R"),
    Key("task.retry_edit", "R", "Run a finished task again with changes", "act", "Act", safe="ctrl+e"),
    Key("task.edit", "e", "Change a queued task", "act", "Act", 13, "Edit", safe="ctrl+f"),
    Key("task.earlier", "K", "Move a queued task forward in its lane", "act", "Act"),
    Key("task.later", "J", "Move a queued task back in its lane", "act", "Act"),
    Key("task.first", "^", "Move a queued task to the front of its lane", "act", "Act"),
    Key("task.last", "$", "Move a queued task to the end of its lane", "act", "Act"),
    Key("task.priority_up", "+", "Raise the priority", "act", "Act"),
    Key("task.priority_down", "-", "Lower the priority", "act", "Act"),
    Key("schedule.stop", "C", "End the recurrence of a task", "act", "Act"),
    Key("task.archive", "d", "Hide a finished task from the list", "act", "Act", 15, "Archive", safe="D"),
    Key("task.purge", "D", "Delete a finished task with its files", "act", "Act", safe="delete"),
    Key("task.export", "E", "Write it to a file, to read or to import", "act", "Act"),
    Key("task.yank", "y", "Copy id, command, path or output", "act", "Copy", 25, "Copy"),
    Key("task.editor", "o", "Open output or artifact in $PAGER", "act", "Copy", 14, "Pager", safe="O"),
    Key("intervene", "i", "Send a message to a running task", "answer", "Answer", 75, "Message", safe="M"),
    Key("approve", "a", "Allow once, or answer", "answer", "Answer", 65, "Allow", safe="A"),
    Key("approve.always", "A", "Allow for this task", "answer", "Answer", safe="ctrl+y"),
    Key("deny", "u", "Deny", "answer", "Answer", 64, "Deny", safe="U"),
    Key("deny.reason", "U", "Deny and say why", "answer", "Answer", safe="ctrl+k"),
    *(
        Key(
            f"option.{number}",
            str(number),
            f"Answer {number} of the question",
            "options",
            "Answer",
            call=f"screen.option({number})",
            safe=f"f{number + 1}",
        )
        for number in range(1, OPTIONS + 1)
    ),
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
    Key("run.previous", "<", "Output of the run before", "detail", "View"),
    Key("run.next", ">", "Output of the run after", "detail", "View"),
    Key("copy_mode.mark", "space", "Mark from this line on", "copying", "Copy", 90, "Mark", "copy_mark"),
    Key("copy_mode.copy", "y", "Copy the lines", "copying", "Copy", 89, "Copy", "task_yank"),
    Key("copy_mode.leave", "escape", "Select no more lines", "copying", "Copy", 88, "Leave", "copy_leave"),
    Key("search.start", "enter", "Search for it", "finder", "Search", 90, "Search", "start"),
    Key("search.close", "escape", "End the search", "finder", "Search", 89, "End", "close"),
    Key("message.send", "ctrl+enter,alt+enter", "Send the message", "talk", "Answer", 90, "Send", "send"),
    Key("message.mode", "ctrl+t", "Steer, queue or interrupt", "talk", "Answer", 89, "Way", "mode"),
    Key(
        "message.close",
        "escape",
        "Put the message away; its text stays",
        "talk",
        "Answer",
        88,
        "Away",
        "close",
    ),
    Key(
        "question.allow",
        "a,y",
        "Allow once, or write an answer",
        "asked",
        "Answer",
        call="allow('once')",
        safe="A",
    ),
    Key(
        "question.always", "A", "Allow for this task", "asked", "Answer", call="allow('task')", safe="ctrl+y"
    ),
    Key("question.deny", "u,n", "Deny", "asked", "Answer", call="deny", safe="U"),
    Key("question.reason", "U", "Deny and say why", "asked", "Answer", call="reason", safe="ctrl+k"),
    Key(
        "question.whole", "enter", "Show the whole diff, or its first lines", "asked", "Answer", call="whole"
    ),
    Key("question.later", "escape", "Answer later", "asked", "Answer", call="later"),
    Key("row.down", "j,down", "Down", "rows", "Move", 20, "Down", "cursor_down"),
    Key("row.up", "k,up", "Up", "rows", "Move", 20, "Up", "cursor_up"),
    Key("row.page_down", "ctrl+d,pagedown", "A page down", "rows", "Move", call="page_down"),
    Key("row.page_up", "ctrl+u,pageup", "A page up", "rows", "Move", call="page_up"),
    Key("row.top", "g,home", "First row", "rows", "Move", call="first"),
    Key("row.bottom", "G,end", "Last row", "rows", "Move", call="last"),
    Key("row.open", "enter,l", "Open it", "rows", "Move", 80, "Open", "select"),
    Key("lane.more", "+", "Let one more task of the lane run at once", "lanes", "Act", 90, "More"),
    Key("lane.less", "-", "Let one task fewer run at once", "lanes", "Act", 89, "Fewer"),
    Key("lane.stop", "P", "Pause or continue the lane", "lanes", "Act", 88, "Pause"),
    Key("host.again", "r", "Connect to the machine now", "machines", "Act", 90, "Connect now", safe="R"),
    Key(
        "find.results",
        "enter,down",
        "Go to what was found",
        "finding",
        "Search",
        90,
        "Results",
        "find_results",
    ),
    Key("find.leave", "escape", "Leave", "finding", "Search", 89, "Leave", "screen.back"),
    Key("find.text", "/", "Change the text", "found", "Search", 85, "Text"),
)
"""Every action, in the order in which help shows them."""

BY_ID: Final[Mapping[str, Key]] = {key.id: key for key in TABLE}

_SHOWN: Final = {
    "escape": "esc", "pagedown": "pgdn", "pageup": "pgup", "question_mark": "?", "up": "↑", "down": "↓",
}  # fmt: skip


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
