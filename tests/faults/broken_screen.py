"""The real program, whose timeline fails to draw a task that is named `boom`: once, or each time.

Usage: python broken_screen.py once|always [arguments of tasktui]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tasktui.cli.main import call
from tasktui.ui.widgets import task_list


def break_it(times: float) -> None:
    """Make the list raise while it draws a task of that name, so many times."""
    draws = task_list.TaskList.render_line
    left = [times]

    def render_line(self: Any, y: int) -> Any:
        strip = draws(self, y)
        if "boom" in strip.text and left[0] > 0:
            left[0] -= 1
            raise ZeroDivisionError("a widget that fails")
        return strip

    task_list.TaskList.render_line = render_line  # type: ignore[method-assign]  # the fault


if __name__ == "__main__":
    break_it({"once": 1, "always": float("inf")}[sys.argv[1]])
    sys.exit(call(sys.argv[2:]))
