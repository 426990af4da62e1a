"""Feeding what is piped into a following `run` to the task's own standard input."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from tasktui.executors.run_files import read_head
from tasktui.executors.shim.child import STDIN
from tasktui.executors.shim.supervise import CONTROL

_BLOCK: Final = 1 << 16
_LOOK_S: Final = (0.01, 0.1)
"""How often it is looked whether the task has started: at first, and at last."""
_END: Final = json.dumps({"op": "eof"}).encode() + b"\n"


def feed(directory: Path, source: int = 0) -> None:
    """Begin to copy a descriptor to the task that will run in a directory, and end its input with ours.

    The thread ends with this process: what was not read until then stays unread.
    """
    threading.Thread(target=_copy, args=(directory, source), daemon=True, name="stdin").start()


def _copy(directory: Path, source: int) -> None:
    with suppress(OSError):
        _until_started(directory)
        # the task ends its side when it leaves, and we learn it by a broken pipe
        target = os.open(directory / STDIN, os.O_WRONLY | os.O_CLOEXEC)
        try:
            while block := os.read(source, _BLOCK):
                _write_all(target, memoryview(block))
        finally:
            os.close(target)
        control = os.open(directory / CONTROL, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            os.write(control, _END)
        finally:
            os.close(control)


def _until_started(directory: Path) -> None:
    pause, longest = _LOOK_S
    while read_head(directory) is None:
        time.sleep(pause)
        pause = min(pause * 1.2, longest)


def _write_all(target: int, data: memoryview) -> None:
    while data:
        data = data[os.write(target, data) :]
