"""Output into a pipe is what the task wrote, onto a terminal it is harmless lines."""

from __future__ import annotations

import io

import pytest

from tasktui.cli.outlet import Outlet


class Pipe(io.TextIOWrapper):
    """A standard stream that is no terminal."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")

    def written(self) -> bytes:
        self.flush()
        assert isinstance(self.buffer, io.BytesIO)
        return self.buffer.getvalue()


class Tty(Pipe):
    """A standard stream that is one."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise OSError("it has no number")


def test_a_pipe_gets_every_byte_on_its_stream() -> None:
    pipes = Pipe(), Pipe()
    outlet = Outlet(*pipes)
    outlet.write(1, b"\x1b[31m\xff")
    outlet.write(2, b"\0err")
    outlet.end()
    assert [pipe.written() for pipe in pipes] == [b"\x1b[31m\xff", b"\0err"]


def test_merged_all_goes_to_standard_output() -> None:
    pipes = Pipe(), Pipe()
    outlet = Outlet(*pipes, merge=True)
    outlet.write(2, b"err")
    outlet.end()
    assert [pipe.written() for pipe in pipes] == [b"err", b""]


def test_a_terminal_gets_clean_lines() -> None:
    tty = Tty()
    outlet = Outlet(tty, tty)
    outlet.write(1, b"\x1b]0;title\x07one\ntw")
    outlet.write(1, b"o\x1b[2J\n")
    outlet.end()
    assert tty.written() == b"one\ntwo\n"


def test_an_unfinished_line_is_shown_when_nothing_more_comes() -> None:
    tty = Tty()
    outlet = Outlet(tty, tty)
    outlet.write(1, b"Continue? ")
    assert tty.written() == b""
    outlet.rest()
    outlet.rest()
    assert tty.written() == b"Continue? "
    outlet.write(1, b"yes\n")
    assert tty.written() == b"Continue? \r\x1b[KContinue? yes\n"


def test_a_last_line_without_an_end_is_not_lost() -> None:
    tty = Tty()
    outlet = Outlet(tty, tty)
    outlet.write(1, b"no end")
    outlet.end()
    assert tty.written() == b"no end\n"


def test_a_dumb_terminal_is_never_drawn_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    tty = Tty()
    outlet = Outlet(tty, tty)
    outlet.write(1, b"Continue? ")
    outlet.rest()
    outlet.write(1, b"yes\n")
    assert tty.written() == b"Continue? yes\n"
