"""Asks for a task: what to run, where, under which limits; ends with a `TaskSpec`."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final
from weakref import WeakKeyDictionary

from textual import on, work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.suggester import SuggestFromList
from textual.widgets import Button, Input, Static

from tasktui.domain.errors import TasktuiError
from tasktui.domain.spec import PythonWork, ShellWork, TaskSpec
from tasktui.domain.status import Kind
from tasktui.ui.dialogs import NewTask
from tasktui.ui.host import host
from tasktui.ui.offers import ordered
from tasktui.ui.screens.modal import Modal
from tasktui.ui.task_form import Draft, DraftError, at_home, directory, draft_of, read, variables
from tasktui.ui.text import cut, joined, safe_line, safe_lines, safe_str
from tasktui.ui.widgets.agent_fields import AgentFields, with_agent
from tasktui.ui.widgets.form_field import FormField, Lines, Tick
from tasktui.ui.widgets.rare_fields import RareFields

if TYPE_CHECKING:
    from textual.content import Content
    from textual.widget import Widget

_WORK: Final = {Kind.SHELL: "Command", Kind.PYTHON: "Function", Kind.CUSTOM: "Executor"}
_WAYS: Final = {
    "shell": ("Command", "make test"),
    "python": ("Function", "package.module:function n=3 name=Ann"),
    "agent": ("Prompt", "what the agent is to do"),
}
"""How the work is called and what it looks like, by the box that is ticked."""
_PLACEHOLDERS: Final = {
    "cwd": "",
    "lane": "default",
    "priority": "0",
    "name": "what the list calls it; else the command",
    "timeout": "never, or 30m",
    "idle": "never, or 5m",
    "retries": "0",
    "key": "one at a time",
    "after": "ids of tasks",
    "every": "once, or 1h",
    "env": "NAME=VALUE, more with spaces between them",
    "tags": "words, such as nightly",
    "watch": "folders whose files are artifacts",
}
_LAST: Final[WeakKeyDictionary[App[object], Draft]] = WeakKeyDictionary()
"""Directory and lane of the last task that was made, by app."""


class NewTaskDialog(Modal[NewTask]):
    """A form; nothing that was typed is lost when a field is wrong."""

    SAME: ClassVar[bool] = False
    """Whether it is a task that changes, and not another one like it."""
    REFUSED: ClassVar[str] = "Not queued"
    AUTO_FOCUS = "Lines"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j,ctrl+enter", "submit", "Queue it", show=False, priority=True),
    ]

    def __init__(self, like: TaskSpec | None = None, typed: NewTask | None = None, refused: str = "") -> None:
        """Make the form.

        Args:
            like: The task that is to be run again.
            typed: What the person asked for and was refused; the fields hold it.
            refused: Why.
        """
        super().__init__()
        self._again = like
        self._like = typed.spec if typed else like
        self._env = typed.env if typed else {}
        self._refused = refused
        self._base = Path.cwd()
        self._elsewhere = ""
        self._shown = Draft()

    def heading(self) -> Content:
        """Say whether it is a new one or another one."""
        where = f" on {at}" if (at := getattr(self.app, "machine", "")) else ""
        return joined(f"Again{where}: {cut(self._again.title, 48)}" if self._again else f"New task{where}")

    def hint(self) -> Content:
        """Say what ends it."""
        return joined(("^j", "bold"), " queues it · ", (self.key("back"), "bold"), " never mind")

    def body(self) -> Iterator[Widget]:
        """The fields; the limits stand two in a row."""
        offers = ordered(getattr(self.app, "agents", tuple)())
        self._elsewhere = getattr(self.app, "elsewhere", str)() or ""
        self._base = Path(self._elsewhere or self._base)
        self._shown = shown = with_agent(self._first(), offers)
        if self._refused:
            yield Static(joined(f"✗ {self.REFUSED}: ", self._refused), classes="refused")
        yield self._work_field(shown)
        yield Horizontal(*self._ways(shown), classes="ways")
        agent = AgentFields(shown, offers)
        agent.display = shown.agent
        yield agent
        yield self._field("name", "Name", shown.name)
        yield self._field("cwd", "Directory", shown.cwd)
        yield self._pair(
            self._field("lane", "Lane", shown.lane), self._field("priority", "Priority", shown.priority)
        )
        yield self._pair(
            self._field("timeout", "Timeout", shown.timeout), self._field("idle", "Idle limit", shown.idle)
        )
        yield from self._waiting(shown)
        yield self._field("tags", "Tags", shown.tags)
        yield self._field("watch", "Watch", shown.watch)
        yield Tick(joined("hold it until I release it"), shown.held, id="held", compact=True)
        yield RareFields(shown, changing=self.SAME)

    def _work_field(self, shown: Draft) -> FormField:
        label = _WORK.get(self._like.kind if self._like else Kind.SHELL, "Prompt")
        entry = Lines(
            safe_lines(shown.work, limit=len(shown.work)),
            compact=True,
            highlight_cursor_line=False,
            placeholder=safe_line(
                _WAYS["agent" if shown.agent else "python" if shown.python else "shell"][1]
            ),
        )
        entry.set_reactive(Lines.one_line, label != "Prompt")
        return FormField("work", label, entry)

    def _ways(self, shown: Draft) -> Iterator[Tick]:
        """How a command is run."""
        if self._like is None or isinstance(self._like.work, ShellWork | PythonWork):
            yield Tick(joined("by sh -c: |, &&, $"), shown.shell, id="shell", compact=True)
            yield Tick(joined("Python"), shown.python, id="python", compact=True)
            yield Tick(joined("coding agent"), shown.agent, id="agent", compact=True)

    def _waiting(self, shown: Draft) -> Iterator[Widget]:
        """What is decided when it is queued, and not later."""
        yield self._pair(
            self._field("retries", "Retries", shown.retries), self._field("key", "Exclusive", shown.key)
        )
        yield self._pair(
            self._field("after", "After", shown.after), self._field("every", "Every", shown.every)
        )
        yield self._field("env", "Variables", shown.env)

    def buttons(self) -> Iterator[Button]:
        """The one that does it comes first, after the last field."""
        yield Button(joined("Queue  ", ("^j", "bold")), id="submit", compact=True)
        yield Button(joined("Never mind"), id="never-mind", compact=True)

    def on_mount(self) -> None:
        """Look at the directory, and learn which lanes there are."""
        self._look(self.query_one("#field-cwd", FormField).value)
        self._learn_lanes()

    def _first(self) -> Draft:
        """What stands in the fields at first, made harmless."""
        if self._like is None:
            return replace(_LAST.get(self.app) or Draft(), cwd=self._remembered_cwd())
        like = draft_of(self._like)
        return replace(
            like,
            work=safe_lines(like.work, limit=len(like.work)),
            name=safe_str(like.name),
            cwd=safe_str(like.cwd),
            lane=safe_str(like.lane),
            key=safe_str(like.key),
            env=shlex.join(f"{name}={value}" for name, value in self._env.items()),
            tags=safe_str(like.tags, limit=len(like.tags)),
            watch=safe_str(like.watch, limit=len(like.watch)),
            begin=like.begin if self.SAME else "",
        )

    def _remembered_cwd(self) -> str:
        last = _LAST.get(self.app)
        return last.cwd if last else safe_str(str(self._base))

    def _field(self, name: str, label: str, value: str) -> FormField:
        hint = _PLACEHOLDERS[name]
        return FormField(
            name, label, Input(safe_str(value), compact=True, placeholder=hint, select_on_focus=False)
        )

    def _pair(self, *fields: FormField) -> Horizontal:
        return Horizontal(*fields, classes="pair")

    def _draft(self) -> Draft:
        typed: dict[str, Any] = {str(field.name): field.value for field in self.query(FormField)}
        ticked: dict[str, Any] = {str(box.id): box.value for box in self.query(Tick) if box.id != "more"}
        return replace(self._shown, **typed, **ticked)

    # What the person does

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        if event.input is self.query_one("#field-watch", FormField).entry:
            self.action_submit()
        else:
            self.focus_next()

    @on(Button.Pressed, "#submit")
    def _pressed(self) -> None:
        self.action_submit()

    @on(Button.Pressed, "#never-mind")
    def _left(self) -> None:
        self.action_never_mind()

    @on(FormField.Edited)
    def _edited(self, event: FormField.Edited) -> None:
        if event.field.name == "cwd":
            self._look(event.field.value)

    @on(Tick.Changed, "#shell")
    @on(Tick.Changed, "#python")
    @on(Tick.Changed, "#agent")
    def _one_way(self, event: Tick.Changed) -> None:
        """One of the three at most, and the field says what it takes."""
        boxes = {name: self.query_one(f"#{name}", Tick) for name in _WAYS}
        for name, box in boxes.items():
            if event.value and name != event.checkbox.id:
                box.value = False
        way = next((name for name, box in boxes.items() if box.value), "shell")
        field = self.query_one("#field-work", FormField)
        field.rename(_WAYS[way][0])
        self.query_one(AgentFields).display = way == "agent"
        if isinstance(field.entry, Lines):
            field.entry.placeholder = safe_line(_WAYS[way][1])
            field.entry.one_line = way != "agent"

    @work(exclusive=True, group="submit")
    async def action_submit(self) -> None:
        """Read the fields; end with the task, or show what is wrong beside each of them."""
        draft = self._draft()
        try:
            meant = at_home(draft, self._elsewhere)
            spec = read(meant, self._base, like=self._like, shown=self._shown, same=self.SAME)
        except DraftError as error:
            self._show_problems(error)
            return
        if not self._elsewhere and not await _is_there(Path(spec.cwd or self._base)):
            self._show_problems(DraftError({"cwd": "There is no such directory."}))
            return
        _LAST[self.app] = Draft(cwd=draft.cwd, lane=draft.lane)
        self.dismiss(NewTask(spec, variables(draft)))

    def _show_problems(self, error: DraftError) -> None:
        wrong = [field for field in self.query(FormField) if field.name in error.problems]
        for field in self.query(FormField):
            field.problem = next((said for name, said in error.problems.items() if name == field.name), "")
        if wrong:
            wrong[0].entry.focus()

    @work(exclusive=True, group="directory")
    async def _look(self, typed: str) -> None:
        """Say whether the directory is there; on another machine its owner looks."""
        if self._elsewhere:
            return
        try:
            there = await _is_there(directory(typed, self._base))
        except RuntimeError:
            there = False
        self.query_one("#field-cwd", FormField).note("✓" if there else "not there", bad=not there)

    @work(exclusive=True, group="lanes")
    async def _learn_lanes(self) -> None:
        manager = host(self).manager
        if manager is None:
            return
        try:
            lanes = [safe_str(lane.lane) for lane in await manager.lanes()]
        except TasktuiError:
            return
        entry = self.query_one("#field-lane", FormField).entry
        if isinstance(entry, Input):
            entry.suggester = SuggestFromList(lanes)


async def _is_there(path: Path) -> bool:
    """Look in a thread: a file system that hangs must not stop the screen."""
    return await asyncio.to_thread(_is_directory, path)


def _is_directory(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
