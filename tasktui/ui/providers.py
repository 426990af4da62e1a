"""What the command palette offers; loaded when it is first opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.command import Provider


def actions() -> type[Provider]:
    """Return what offers every action."""
    from tasktui.ui.palette import ActionCommands

    return ActionCommands


def tasks() -> type[Provider]:
    """Return what offers tasks by their titles."""
    from tasktui.ui.palette import TaskCommands

    return TaskCommands
