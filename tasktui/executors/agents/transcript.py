"""Both directions of a talk, kept in the run's directory: what came is its output, what was said is a file.

Lines that are said are written down first and sent then, with a mark before and one after. A line without the
first never left its owner, and the next one sends it. Of a line without the second nobody knows whether the
agent got it, and it is not said twice. Rows that the disk does not take wait in their order, and the lines
with them: what an owner took along to its grave was never sent.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tasktui.domain import room
from tasktui.executors.output import OutputReader
from tasktui.executors.shim.output import STDOUT

SAID: Final = "said.jsonl"
BLOCK: Final = 1 << 18
MAX_LINE: Final = 50 << 20
"""Bytes of a line; agents put whole files into one. What is longer is passed over."""
TAIL: Final = 4096
"""Bytes of the error output that are kept at hand."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line that the agent wrote."""

    text: bytes
    end: int
    """The offset in the run's output after it."""


class Heard:
    """Reads the lines of an agent's standard output, in order and each once."""

    def __init__(self, directory: Path) -> None:
        self._reader = OutputReader(directory)
        self._at = 0
        self._rest: list[bytes] = []
        self._held = 0
        self._errors = b""
        self.overlong = 0
        """Lines that were passed over because of their length."""
        self.lost = 0
        """Bytes that the cap of the output or a full disk cost."""

    @property
    def errors(self) -> bytes:
        """The end of the error output."""
        return self._errors

    def lines(self) -> Iterator[Line]:
        """Yield the whole lines that are there and were not read yet."""
        while pieces := self._reader.pieces(self._at, BLOCK):
            for piece in pieces:
                self._skip_to(piece.offset)
                self._at = piece.offset + len(piece.data)
                if piece.stream == STDOUT:
                    yield from self._split(piece.data, piece.offset)
                else:
                    self._errors = (self._errors + piece.data)[-TAIL:]

    def last(self) -> Line | None:
        """Return what stands at the end without a newline, once nothing more can come."""
        rest = b"".join(self._rest)
        self._rest.clear()
        self._held = 0
        return Line(rest, self._at) if rest.strip() and len(rest) <= MAX_LINE else None

    def _skip_to(self, offset: int) -> None:
        if offset > self._at:
            self.lost += offset - self._at
            self._rest.clear()
            self._held = 0

    def _split(self, data: bytes, offset: int) -> Iterator[Line]:
        start = 0
        while (newline := data.find(b"\n", start)) >= 0:
            line = self._whole(data[start:newline])
            start = newline + 1
            if line.strip():
                yield Line(line, offset + start)
        self._keep(data[start:])

    def _whole(self, last: bytes) -> bytes:
        length = self._held + len(last)
        line = b"".join([*self._rest, last]) if self._rest else last
        self._rest.clear()
        self._held = 0
        if length > MAX_LINE:
            self.overlong += 1
            return b""
        return line

    def _keep(self, rest: bytes) -> None:
        if not rest:
            return
        self._held += len(rest)
        if self._held <= MAX_LINE:
            self._rest.append(rest)
        else:
            self._rest.clear()


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that was said."""

    at: int
    """How far the agent's output had been taken then."""
    line: bytes
    sent: bool
    delivery: str | None = None
    key: str | None = None
    begun: bool = True
    """Whether an owner began to send it; so far as is known, for older ones did not say."""


class Said:
    """The lines that were said in one run."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / SAID
        self._torn = False
        """Whether its end is a part of a line of an earlier owner."""
        self._unkept = b""
        """Rows, or the rest of one, that the disk did not take yet."""

    def entries(self) -> list[Entry]:
        """Return what was written down, in order; a torn end is passed over."""
        try:
            rows = self._path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        entries: list[dict[str, object]] = []
        sent: set[object] = set()
        begun: set[object] = set()
        self._torn = bool(rows[-1])
        for row in rows:
            try:
                entry = json.loads(row)
            except ValueError:
                continue
            if "begun" in entry:
                begun.add(entry["begun"])
            elif "sent" in entry:
                sent.add(entry["sent"])
            else:
                entries.append(entry)
        return [
            _entry(entry, sent=number in sent, begun=number in begun) for number, entry in enumerate(entries)
        ]

    def note(self, at: int, line: bytes, delivery: str | None, key: str | None = None) -> None:
        """Write a line down before it is sent."""
        text = line.decode("utf-8", "surrogateescape")
        known = {"key": key} if key else {}
        self._append({"at": at, "line": text, "delivery": delivery, "waits": True, **known})

    def begun(self, number: int) -> None:
        """Mark the line of that number, from 0, as one that may have arrived once `keep` has written it."""
        self._append({"begun": number, "sent": None})  # older owners know the second alone

    def sent(self, number: int) -> None:
        """Mark the line of that number, from 0, as sent."""
        self._append({"sent": number})

    def _append(self, entry: dict[str, object]) -> None:
        self._unkept += (b"\n" if self._torn else b"") + json.dumps(entry).encode() + b"\n"
        self._torn = False
        self.keep()

    def keep(self) -> bool:
        """Write what is not in the file yet; False while the disk does not take all of it."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            fd = os.open(self._path, flags, 0o600) if self._unkept else -1
            try:
                while self._unkept:
                    self._unkept = self._unkept[os.write(fd, self._unkept) :]
            finally:
                if fd >= 0:
                    os.close(fd)
        except OSError as exc:
            if not room.passes(exc):
                raise
        return not self._unkept


def _entry(entry: dict[str, object], *, sent: bool, begun: bool) -> Entry:
    at, delivery, key = entry["at"], entry.get("delivery"), entry.get("key")
    return Entry(
        at if isinstance(at, int) else 0,
        str(entry["line"]).encode("utf-8", "surrogateescape"),
        sent,
        delivery if isinstance(delivery, str) else None,
        key if isinstance(key, str) else None,
        begun or sent or "waits" not in entry,
    )
