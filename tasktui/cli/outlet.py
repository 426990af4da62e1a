"""Where a task's output goes: byte for byte into a pipe, cleaned onto a terminal."""

from __future__ import annotations

import os
import sys
from typing import IO, Final, Protocol

from tasktui.cli.tables import fit
from tasktui.domain.clean import StreamCleaner

STDERR: Final = 2
"""The number of the stream; everything else goes to standard output."""
_ERASE: Final = "\r\x1b[K"
_WIDTH: Final = 80


class _Mouth(Protocol):
    """One stream of ours."""

    def write(self, data: bytes) -> None:
        """Write a block."""

    def rest(self) -> None:
        """Show what is unfinished, for nothing more comes now."""

    def end(self) -> None:
        """Write what is left: the output is over."""


class _Pipe:
    """Takes bytes as they are."""

    def __init__(self, stream: IO[str]) -> None:
        self._out = stream.buffer  # type: ignore[attr-defined]  # both standard streams have one

    def write(self, data: bytes) -> None:
        self._out.write(data)
        self._out.flush()

    def rest(self) -> None:
        """Nothing is held."""

    end = rest


class _Terminal:
    """Takes clean lines; a line that has not ended is shown while nothing more comes."""

    shown = False
    """Whether an unfinished line stands in the terminal, of whichever stream."""

    def __init__(self, stream: IO[str]) -> None:
        self._out = stream
        self._cleaner = StreamCleaner()
        self._rewrites = os.environ.get("TERM", "dumb") != "dumb"

    def write(self, data: bytes) -> None:
        self._lines(self._cleaner.feed(data))

    def rest(self) -> None:
        if self._rewrites and self._cleaner.tail and not _Terminal.shown:
            self._out.write(fit(self._cleaner.tail, _width(self._out) - 1))
            self._out.flush()
            _Terminal.shown = True

    def end(self) -> None:
        self._lines(self._cleaner.close())

    def _lines(self, lines: list[str]) -> None:
        if _Terminal.shown:
            self._out.write(_ERASE)
            _Terminal.shown = False
        self._out.write("".join(f"{line}\n" for line in lines))
        self._out.flush()


class _Nowhere:
    """Takes what nobody reads."""

    def write(self, data: bytes) -> None:
        """Nobody reads it."""

    def rest(self) -> None:
        """Nothing is held."""

    end = rest


class Outlet:
    """Both streams of a task."""

    def __init__(
        self, out: IO[str] | None = None, err: IO[str] | None = None, *, merge: bool = False
    ) -> None:
        """Take the two streams.

        Args:
            out: standard output, unless another is given.
            err: standard error, unless another is given.
            merge: everything goes to the first.
        """
        self._out = _mouth(out or sys.stdout)
        self._err = self._out if merge else _mouth(err or sys.stderr)

    def write(self, stream: int, data: bytes) -> None:
        """Write what the task wrote to a stream: 1 or 2."""
        (self._err if stream == STDERR else self._out).write(data)

    def rest(self) -> None:
        """Nothing more has come for a moment."""
        self._out.rest()
        self._err.rest()

    def end(self) -> None:
        """All has come."""
        self._out.end()
        if self._err is not self._out:
            self._err.end()


def _mouth(stream: IO[str] | None) -> _Mouth:
    if stream is None:
        # closed by whoever called us
        return _Nowhere()
    return _Terminal(stream) if stream.isatty() else _Pipe(stream)


def _width(stream: IO[str]) -> int:
    try:
        # a terminal that nobody told its size says 0
        return os.get_terminal_size(stream.fileno()).columns or _WIDTH
    except OSError:
        return _WIDTH
