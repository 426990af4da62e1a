"""What the demo's jobs say about themselves: lines in the file that `TASKTUI_EVENTS` names."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any, Final

PACE: Final = float(os.environ.get("DEMO_PACE", "1"))
"""Seconds that a unit of waiting takes: below 1 the demo is faster."""


def say(event_type: str, **data: Any) -> None:
    """Report one event."""
    with Path(os.environ["TASKTUI_EVENTS"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"type": event_type, "data": data}) + "\n")


def checklist(titles: tuple[str, ...], done: int) -> None:
    """Report a checklist of which the first `done` are done and the next is going on."""
    states = ["completed"] * done + ["in_progress"] + ["pending"] * len(titles)
    items = [{"id": n + 1, "content": title, "status": states[n]} for n, title in enumerate(titles)]
    say("checklist.updated", items=items)


def rest(units: float) -> None:
    """Wait as a person's work would."""
    time.sleep(units * PACE)
