"""The writer thread: newest state only, nobody waits, and leaving always comes to an end."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tasktui.ui.driver.credit import REQUEST
from tasktui.ui.driver.frames import Screen
from tasktui.ui.driver.outbox import CANCEL, Outbox

PIPE_BYTES = 4096


class Line:
    """A pipe in place of a terminal, with an outbox that writes to it."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        fcntl.fcntl(self.writer, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        os.set_blocking(self.reader, False)
        self.screen = Screen(80, 200)
        self.outbox = Outbox(self.writer, self.screen, lambda: False)
        self.outbox.start()
        self.received = b""

    def write(self, data: str) -> None:
        with self.outbox.changed:
            self.screen.write(data)
            self.outbox.changed.notify()

    def read(self) -> bytes:
        try:
            self.received += os.read(self.reader, 1 << 16)
        except BlockingIOError:
            time.sleep(0.001)
        return self.received

    def read_until(self, condition: Callable[[bytes], bool]) -> bytes:
        deadline = time.monotonic() + 30
        while not condition(self.read()):
            assert time.monotonic() < deadline, self.received[-200:]
        return self.received

    def close(self) -> None:
        self.outbox.close(0.2, lambda: None)
        os.close(self.reader)
        os.close(self.writer)


@pytest.fixture
def line() -> Iterator[Line]:
    running = Line()
    running.write("\x1b[?1049h")
    running.read_until(lambda data: data.endswith(b"\x1b[?1049h"))
    yield running
    running.close()


def picture(letter: str) -> str:
    return "".join(f"\x1b[{row};1H{letter * 79}" for row in range(1, 201))


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_what_is_written_arrives(line: Line) -> None:
    line.write("\x1b[1;1Hhello")
    line.read_until(lambda data: data.endswith(b"hello"))
    assert line.outbox.drain(30)
    assert line.outbox.backlog == 0


def test_a_stuck_line_keeps_nobody_waiting_and_gets_only_the_newest(line: Line) -> None:
    line.write(picture("a"))
    wait_until(lambda: line.outbox.backlog > PIPE_BYTES)
    for letter in "bcdefghij":
        # who waited for the line would do so for ever: nobody reads it
        line.write(picture(letter))
    assert not line.outbox.drain(0.01)
    received = line.read_until(lambda data: data.count(b"j") >= 79 * 200)
    assert not set(received) & set(b"bcdefgi")


def test_an_answering_terminal_is_asked_and_waited_for(line: Line) -> None:
    line.outbox.answered()
    line.write(picture("a"))
    line.read_until(lambda data: data.endswith(REQUEST.encode()))
    line.write(picture("b"))
    assert b"b" not in line.read()
    assert line.outbox.backlog > 79 * 200
    line.outbox.answered()
    line.read_until(lambda data: data.count(b"b") >= 79 * 200)


def test_leaving_a_stuck_line_drops_the_frame_and_restores_the_terminal(line: Line) -> None:
    line.write(picture("a"))
    wait_until(lambda: line.outbox.backlog > PIPE_BYTES)
    line.write("\x1b[?1049l")
    stop = threading.Event()

    def discard() -> None:
        wait_until(lambda: len(line.read()) >= PIPE_BYTES)
        stop.set()

    line.outbox.close(0.2, discard)
    assert stop.is_set()
    received = line.read_until(lambda data: data.endswith(b"\x1b[?1049l"))
    assert CANCEL in received
    assert received.count(b"a") < 79 * 200


def test_it_starts_again_after_a_suspension(line: Line) -> None:
    line.outbox.close(30, lambda: None)
    line.outbox.start()
    line.write("\x1b[1;1Hback")
    line.read_until(lambda data: data.endswith(b"back"))


def test_a_terminal_that_is_gone_is_survived(line: Line) -> None:
    os.close(line.reader)
    line.write("\x1b[1;1Hlost")
    assert line.outbox.drain(30)
    line.reader = os.dup(line.writer)
