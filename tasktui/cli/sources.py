"""What can be imported, recognised and read bit by bit: our own export, 004, pueue, vibe-kanban."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

from tasktui.cli.bundle import PIECE, VERSION
from tasktui.cli.unpacking import Piece
from tasktui.compat import pueue, vibe_kanban
from tasktui.compat.chronicle import Unreadable
from tasktui.compat.deepseek import history as deepseek
from tasktui.compat.deepseek.records import TaskRecord
from tasktui.domain.errors import InvalidError, TasktuiError
from tasktui.domain.history import History, history_object
from tasktui.domain.wire import JsonObject, encode

FORMATS: Final = ("tasktui", "deepseek", "pueue", "vibe-kanban")
LONGEST_LINE: Final = 64 << 20
LONGEST_DOCUMENT: Final = 256 << 20
"""Bytes of a source that has to be read at once."""


@dataclass(frozen=True, slots=True)
class Given:
    """A task to take in, in the form that the owner reads."""

    task_id: str
    history: JsonObject
    size: int
    """About how many bytes it is."""


Found: TypeAlias = Given | Piece | Unreadable
"""Files of a task come before it."""


def read_path(path: Path, form: str | None) -> Iterator[Found]:
    """Yield what a file or directory holds.

    Raises:
        InvalidError: it is nothing that can be imported, or cannot be read.
    """
    try:
        if path.is_dir():
            _require(form, "deepseek", path)
            yield from _of_directory(path)
            return
        with path.open("rb") as stream:
            magic = stream.read(len(vibe_kanban.MAGIC))
            stream.seek(0)
            if magic == vibe_kanban.MAGIC:
                _require(form, "vibe-kanban", path)
                yield from _told(vibe_kanban.histories(path))
            else:
                yield from read_stream(stream, str(path), form)
    except OSError as exc:
        raise InvalidError(f"This cannot be read: {path}: {exc.strerror}") from exc


def read_stream(stream: IO[bytes], name: str, form: str | None) -> Iterator[Found]:
    """Yield what a stream of JSON holds.

    Raises:
        InvalidError: it is nothing that can be imported.
    """
    first = stream.readline(LONGEST_LINE)
    head = _json(first)
    if isinstance(head, dict) and "tasktui_export" in head:
        _require(form, "tasktui", name)
        if head["tasktui_export"] != VERSION:
            raise InvalidError(f"This export is of a newer version of tasktui: {name}")
        yield from _of_lines(iter(lambda: stream.readline(LONGEST_LINE), b""))
        return
    text = first + stream.read(LONGEST_DOCUMENT)
    document = _json(text)
    if pueue.looks_so(document):
        _require(form, "pueue", name)
        yield from _told(pueue.histories(document))
    elif isinstance(document, dict) and {"prompt", "status"} <= document.keys():
        _require(form, "deepseek", name)
        yield from _of_record(deepseek.record_of(document), None)
    else:
        raise InvalidError(
            f"Nothing that can be imported: {name}. It takes an export of tasktui, a data directory of "
            "DeepSeek-TUI, what `pueue status --json` prints, and the database of vibe-kanban."
        )


def _require(form: str | None, found: str, name: object) -> None:
    if form not in {None, found}:
        raise InvalidError(f"This is of {found}, not of {form}: {name}")


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _told(found: Iterable[History | Unreadable]) -> Iterator[Found]:
    for one in found:
        yield one if isinstance(one, Unreadable) else _given(one)


def _given(history: History) -> Given:
    made = history_object(history)
    return Given(history.task_id, made, len(encode(made)))


def _of_directory(path: Path) -> Iterator[Found]:
    for one in deepseek.directory(path):
        yield from (one,) if isinstance(one, Unreadable) else _of_record(one, path)


def _of_record(record: TaskRecord, path: Path | None) -> Iterator[Found]:
    """Yield a record of system 004 with its files, which lie where ours do."""
    try:
        given = _given(deepseek.history(record))
    except TasktuiError as exc:
        yield Unreadable(record.id, exc.message)
        return
    own = path / "artifacts" / record.id if path is not None and given.task_id == record.id else None
    for file in sorted(own.iterdir()) if own is not None and own.is_dir() else ():
        if file.is_file() and not file.is_symlink():
            yield from _pieces(file, record.id)
    yield given


def _pieces(file: Path, task_id: str) -> Iterator[Piece]:
    with file.open("rb") as stream:
        offset = 0
        while (data := stream.read(PIECE)) or not offset:
            yield Piece(task_id, f"artifacts/{task_id}/{file.name}", offset, data)
            if not data:
                return
            offset += len(data)


@dataclass(slots=True)
class _Reading:
    """The task that is being read."""

    task_id: str
    events: list[Any] = field(default_factory=list)
    live: list[Any] = field(default_factory=list)
    size: int = 0
    problem: str = ""

    def add(self, word: str, value: object, size: int, number: int) -> None:
        """Add a fact; a line that is none makes the task unreadable."""
        if word not in {"event", "live"}:
            self.problem = self.problem or f"line {number} is broken"
            return
        (self.events if word == "event" else self.live).append(value)
        self.size += size

    def end(self, told: object) -> Given | Unreadable:
        """Return the task when it is whole."""
        number = told.get("events") if isinstance(told, Mapping) else None
        if not self.problem and number != len(self.events):
            self.problem = f"{len(self.events)} of {number} events are there"
        if self.problem:
            return Unreadable(self.task_id, self.problem)
        made = {"task_id": self.task_id, "events": self.events, "live": self.live, "origin": "tasktui"}
        return Given(self.task_id, made, self.size)


def _of_lines(lines: Iterator[bytes]) -> Iterator[Found]:
    """Yield the tasks of an export; a broken line costs the task that it stands in."""
    export = _Export()
    for number, line in enumerate(lines, 2):
        yield from export.take(number, len(line), *_entry(line))
    yield from export.cut()


class _Export:
    """Reads an export line by line."""

    def __init__(self) -> None:
        self._task: _Reading | None = None

    def take(self, number: int, size: int, word: str, value: Any) -> Iterator[Found]:
        """Take a line; yield what it makes whole."""
        if word == "task":
            yield from self.cut()
            self._task = _Reading(str(value.get("id")) if isinstance(value, dict) else "?")
        elif self._task is None:
            yield Unreadable(f"line {number}", "it belongs to no task")
        elif word == "end":
            yield self._task.end(value)
            self._task = None
        elif word == "file" and (piece := _piece(self._task.task_id, value)) is not None:
            yield piece
        else:
            self._task.add(word, value, size, number)

    def cut(self) -> Iterator[Found]:
        """Yield the task that has no end, for nothing more of it comes."""
        if self._task is not None:
            yield Unreadable(self._task.task_id, self._task.problem or "it was cut off")
            self._task = None


def _entry(line: bytes) -> tuple[str, Any]:
    """Return what a line is, and its value; a broken one is `?`."""
    made = _json(line)
    return next(iter(made.items())) if isinstance(made, dict) and len(made) == 1 else ("?", None)


def _piece(task_id: str, value: object) -> Piece | None:
    try:
        assert isinstance(value, dict)  # noqa: S101  # caught below
        data = b64decode(value["data"], validate=True)
        return Piece(task_id, str(value["path"]), int(value["offset"]), data)
    except (AssertionError, KeyError, TypeError, ValueError):
        return None
