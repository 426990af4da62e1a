"""The file by which a task without a protocol is told things (`TASKTUI_INBOX`): whole lines, each once."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path

from tasktui.domain.ports.executor import Delivery
from tasktui.executors.line_file import lead

_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


def append(path: str, delivery: Delivery) -> None:
    """Append one JSON object, or nothing.

    Raises:
        OSError: it cannot be written.
    """
    fd = os.open(path, _FLAGS, 0o600)
    try:
        before = os.fstat(fd)
        line = lead(Path(path), fd) + _line(delivery)
        if os.write(fd, line) < len(line):
            _take_back(fd, before)
    finally:
        os.close(fd)


def _take_back(fd: int, before: os.stat_result) -> None:
    """Take back a part of a line: the same is written again, so who has read the part reads on in it."""
    if not stat.S_ISREG(before.st_mode):
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    os.ftruncate(fd, before.st_size)
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _line(delivery: Delivery) -> bytes:
    entry = {
        "type": "message" if delivery.request_id is None else "answer",
        "id": delivery.intervention_id,
        "text": delivery.text,
        "user": delivery.user,
        "mode": delivery.mode,
        "request_id": delivery.request_id,
        "decision": delivery.decision,
        "attachments": list(delivery.attachments) or None,
    }
    return json.dumps({name: value for name, value in entry.items() if value is not None}).encode() + b"\n"
