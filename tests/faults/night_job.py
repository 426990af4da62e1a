"""The Python job of the night: leaves its line."""

from __future__ import annotations

import os
import time
from pathlib import Path


def work(ran: str, seconds: float) -> str:
    """Write which run this is, take a while, and return a word."""
    with (Path(ran) / os.environ["TASKTUI_TASK_ID"]).open("a") as file:
        file.write(f"{os.environ['TASKTUI_RUN']}\n")
    time.sleep(seconds)
    return "done"
