"""The export format: tasks as NDJSON, one after the other, each with its facts and its files.

The first line is `{"tasktui_export": 1, …}`. A task is a line `{"task": …}` (what `show --json` prints), its
log as `{"event": …}`, its last values outside of the log as `{"live": …}`, its files in pieces as
`{"file": …}`, and `{"end": …}`, without which it was cut off. Nothing here holds more than a page or a piece
in memory.
"""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tasktui import __version__
from tasktui.artifacts.reader import open_below
from tasktui.cli.reading import artifacts_of, now_ms
from tasktui.cli.timeline import events_of
from tasktui.domain.artifact_names import stored
from tasktui.domain.errors import NotFoundError, RefusedError
from tasktui.domain.rows import TaskRow, UnixMs
from tasktui.domain.wire import JsonObject, encode, task_object, time_text
from tasktui.domain.wire_detail import belongings_object
from tasktui.domain.wire_events import ENVELOPE_VERSION, event_line
from tasktui.store.sqlite.child_reads import RawDetail
from tasktui.store.sqlite.reader import Reader

VERSION: Final = 1
PIECE: Final = 192 << 10
"""Bytes of a file in one line."""
PLACES: Final = ("tasks", "artifacts")
"""The directories that hold one of each task."""
PRIVATE: Final = frozenset({b"env"})
"""What is never written into an export."""


def head_line() -> bytes:
    """Return the first line."""
    return encode({"tasktui_export": VERSION, "version": __version__, "at": time_text(now_ms())})


def task_lines(reader: Reader, home: Path, task_id: str, *, files: bool) -> Iterator[bytes]:
    """Yield the lines of one task.

    Args:
        reader: of the database.
        home: the data directory.
        task_id: exact id.
        files: whether its files come along.

    Raises:
        NotFoundError: it was deleted.
    """
    detail = reader.detail(task_id)
    if detail is None:
        raise NotFoundError(f"The task was deleted: {task_id}", id=task_id)
    yield encode({"task": _record(detail)})
    number = 0
    for event in events_of(reader, task_id):
        number += 1
        yield b'{"event":' + event_line(event) + b"}"
    for one in _last_values(reader, detail.row):
        yield encode({"live": one})
    for path in _paths(home, task_id) if files else ():
        yield from _file_lines(home, path)
    yield encode({"end": {"task_id": task_id, "events": number}})


def _record(detail: RawDetail) -> JsonObject:
    return task_object(detail.row) | {"spec": json.loads(detail.spec)} | belongings_object(detail)


def _last_values(reader: Reader, row: TaskRow) -> Iterator[JsonObject]:
    """Yield what the row and the files have of facts that are not in the log."""
    progress = {
        "current": row.progress_current, "total": row.progress_total,
        "percentage": row.progress_percentage, "phase": row.progress_phase,
    }  # fmt: skip
    if any(value is not None for value in progress.values()):
        yield _envelope(row, "task.progress", progress)
    if row.tokens_in or row.tokens_out or row.cost_usd:
        used = {"input_tokens": row.tokens_in, "output_tokens": row.tokens_out, "cost_usd": row.cost_usd}
        yield _envelope(row, "usage.tokens", used)
    if row.context_max:
        context = {"used_tokens": row.context_used, "max_tokens": row.context_max}
        yield _envelope(row, "usage.context", context)
    if row.runtime_events:
        yield _envelope(row, "runtime.event", {"count": row.runtime_events})
    for one in artifacts_of(reader, row.id):
        data = {"artifact_id": one.artifact_id, "size": one.size_bytes}
        yield _envelope(row, "artifact.changed", data, one.changed_at)


def _envelope(row: TaskRow, name: str, data: dict[str, Any], at: UnixMs | None = None) -> JsonObject:
    return {
        "v": ENVELOPE_VERSION, "task_id": row.id, "run": row.run_no,
        "ts": time_text(row.updated_at if at is None else at), "type": name, "actor": None, "data": data,
    }  # fmt: skip


def _paths(home: Path, task_id: str) -> Iterator[bytes]:
    """Yield the regular files of a task, relative to the data directory."""
    root = os.fsencode(home)
    for place in PLACES:
        own = os.path.join(root, place.encode(), task_id.encode())  # noqa: PTH118  # paths of any bytes
        for directory, below, names in os.walk(own):
            below.sort()
            for name in sorted(names):
                if name not in PRIVATE and not name.startswith(b"."):
                    yield os.path.relpath(os.path.join(directory, name), root)  # noqa: PTH118  # paths of any bytes


def _file_lines(home: Path, path: bytes) -> Iterator[bytes]:
    try:
        fd = open_below(os.fsencode(home), path)
    except (RefusedError, NotFoundError):
        # a FIFO, a link, or gone by now
        return
    offset = 0
    with os.fdopen(fd, "rb") as stream:
        while (data := stream.read(PIECE)) or not offset:
            piece = {"path": stored(path), "offset": offset, "data": b64encode(data).decode()}
            yield encode({"file": piece})
            if not data:
                return
            offset += len(data)
