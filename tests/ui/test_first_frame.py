"""The first frame shows tasks before the manager is there, and loads nothing heavy for it."""

from __future__ import annotations

import subprocess
import sys

from tests.packaging.loaded import of

HEAVY = (
    "pydantic", "pydantic_core", "httpx", "aiosqlite", "sqlite3", "fastapi", "uvicorn", "psutil",
    "watchfiles", "textual.widgets._markdown", "textual.widgets._text_area", "tasktui.ui.widgets.detail",
)  # fmt: skip
PROGRAM = """
import asyncio, sys
from tasktui.domain.rows import Counts, Page, TaskRow
from tasktui.domain.status import Group, Kind, Status
from tasktui.ui.app import TasktuiApp
from tasktui.ui.first_page import FirstPage

row = TaskRow("t1", 1, Kind.SHELL, "first of all", "default", Status.RUNNING, 0, 0, 0)

async def never():
    await asyncio.Event().wait()

class App(TasktuiApp):
    shown = False
    def _display(self, screen, renderable):
        super()._display(screen, renderable)
        strips = screen._compositor.render_strips()
        if not self.shown and any("first of all" in strip.text for strip in strips):
            self.shown = True
            print(*sys.modules, sep="\\n")
            self.exit()

page = FirstPage(Counts(((Status.RUNNING, 1),)), ((Group.RUNNING, Page((row,), False)),))
App(never, first=lambda: page).run(headless=True)
"""


def test_the_first_frame_has_a_task_and_loads_nothing_heavy() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=55, check=False
    )
    assert ran.returncode == 0, ran.stderr
    loaded = frozenset(ran.stdout.split())
    assert "tasktui.ui.widgets.task_list" in loaded
    assert of(HEAVY, loaded) == []
