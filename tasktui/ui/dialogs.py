"""The dialogs by name, what each is given and what it answers; loaded when first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import App
    from textual.screen import ModalScreen

    from tasktui.domain.spec import TaskSpec

R = TypeVar("R")

Leaving = Literal["detach", "wait", "cancel"]
"""What becomes of the work when the screen is left."""
Ladder = Literal["ask", "force"]
"""How hard a cancel is."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a menu."""

    id: str
    label: str
    hint: str = ""


class NewTask:
    """A task that the person asks for."""

    def __init__(self, spec: TaskSpec, env: Mapping[str, str] | None = None) -> None:
        self.spec = spec
        self.env: Mapping[str, str] = env or {}
        """Variables on top of the person's own."""


class Dialog(Generic[R]):
    """A modal screen in `tasktui.ui.screens`; it ends with its answer, or None for «never mind»."""

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.name = name

    async def ask(self, app: App[Any], *given: object) -> R | None:
        """Show it and return the answer. From a worker only."""
        screen = getattr(import_module(f"tasktui.ui.screens.{self.module}"), self.name)
        return await app.push_screen_wait(cast("ModalScreen[R | None]", screen(*given)))


CANCEL: Final[Dialog[Ladder]] = Dialog("cancel_dialog", "CancelDialog")
"""Given `rows: Sequence[TaskRow], force: bool`. The key that opened it confirms it."""
QUIT: Final[Dialog[Leaving]] = Dialog("quit_dialog", "QuitDialog")
"""Given `busy: int`, how many tasks are queued or running."""
NEW_TASK: Final[Dialog[NewTask]] = Dialog("new_task_dialog", "NewTaskDialog")
"""Given `like: TaskSpec | None`, what the fields hold at first; after a refusal what was wanted, and why."""
EDIT: Final[Dialog[NewTask]] = Dialog("edit_dialog", "EditDialog")
"""The same for a task that waits: given its spec; after a refusal what was wanted, and why."""
LINE: Final[Dialog[str]] = Dialog("line_dialog", "LineDialog")
"""Given `title: str, question: str, value: str, check: Callable[[str], str]`; answers the line.

`check` returns what is wrong with it, a sentence, or nothing.
"""
PURGE: Final[Dialog[bool]] = Dialog("purge_dialog", "PurgeDialog")
"""Given `rows: Sequence[TaskRow]`; the person types their number."""
STOP: Final[Dialog[bool]] = Dialog("stop_dialog", "StopDialog")
"""Given `rows: Sequence[TaskRow]`, all that would end. The key that opened it confirms it."""
MENU: Final[Dialog[str]] = Dialog("menu_dialog", "MenuDialog")
"""Given `title: str, choices: Sequence[Choice], chosen: str`; answers the id of a choice."""
HELP: Final[Dialog[None]] = Dialog("help_dialog", "HelpDialog")
"""Given `contexts: Sequence[Context], keymap: Mapping[str, str]`: what holds where it was asked for."""
