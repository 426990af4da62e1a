"""An app that asks one dialog and keeps its answer, and tasks to ask about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from textual.app import App

from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Kind, Status
from tasktui.ui.app import TasktuiApp
from tasktui.ui.screens.modal import Modal
from tasktui.ui.styles import sheets
from tests.ui.night import END_OF_DAY

NOT_YET = object()


class Asking(App[None]):
    """Shows a dialog over nothing."""

    CSS_PATH = sheets("app")
    HORIZONTAL_BREAKPOINTS = TasktuiApp.HORIZONTAL_BREAKPOINTS
    VERTICAL_BREAKPOINTS = TasktuiApp.VERTICAL_BREAKPOINTS
    manager = None
    elsewhere = staticmethod(lambda: None)

    def __init__(self, make: Callable[[], Modal[Any]], keymap: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._make = make
        self.keymap = dict(keymap or {})
        self.set_keymap(self.keymap)
        self.answer: Any = NOT_YET

    def on_mount(self) -> None:
        self.push_screen(self._make(), self._keep)

    def _keep(self, answer: object) -> None:
        self.answer = answer

    def now(self) -> int:
        return END_OF_DAY


async def answered(
    make: Callable[[], Modal[Any]], *keys: str, keymap: Mapping[str, str] | None = None
) -> Any:
    """What the dialog answers to these keys; `NOT_YET` when it still stands there."""
    app = Asking(make, keymap)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        await app.workers.wait_for_complete()
        await pilot.pause()
        return app.answer


def row(number: int, status: Status = Status.RUNNING, **more: Any) -> TaskRow:
    """A task that began 252 s before the pictures are taken."""
    began = END_OF_DAY - 252_000
    values: dict[str, Any] = {
        "id": f"task_{number}", "created_seq": number, "kind": Kind.SHELL, "title": f"suite {number}",
        "lane": "default", "status": status, "created_at": began - 48_000, "updated_at": began,
        "status_since": began, "started_at": None if status is Status.QUEUED else began,
    }  # fmt: skip
    return TaskRow(**(values | more))
