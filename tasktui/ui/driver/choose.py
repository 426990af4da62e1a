"""Which driver the screen runs on."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from textual.driver import Driver

DriverName = Literal["diff", "stock"]


def driver_class(name: DriverName) -> type[Driver] | None:
    """Return the driver for `App(driver_class=...)`; None is Textual's own choice.

    `TEXTUAL_DRIVER` is set where something else shows the screen, such as a browser; it wins.
    """
    if name == "stock" or sys.platform == "win32" or os.environ.get("TEXTUAL_DRIVER"):
        return None
    from tasktui.ui.driver.diff import DiffDriver

    return DiffDriver
