"""What a script reports while the disk is full: `emit` waits for room, and the line comes whole."""

from __future__ import annotations

import json
import resource
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tasktui.cli.emit import report


def test_a_report_waits_for_room_and_comes_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limited: Callable[[int], None]
) -> None:
    file = tmp_path / "events.jsonl"
    monkeypatch.setenv("TASKTUI_EVENTS", str(file))
    limited(20)
    room = threading.Timer(0.2, limited, (resource.RLIM_INFINITY,))
    room.start()
    report("task.status", {"message": "on"})
    room.join()
    report("task.status", {"message": "off"})
    assert [json.loads(line)["data"]["message"] for line in file.read_text().splitlines()] == ["on", "off"]
