"""A program under a real pseudo-terminal: what it wrote and when, what the screen shows, what it costs.

    with PtyApp([sys.executable, "-m", "tasktui"], cols=120, rows=40) as app:
        app.wait_screen(lambda lines: "tasks" in lines[0])
        mark = app.mark()
        app.send(b"j")
        app.wait_quiet()
        print(len(app.bytes_since(mark)))

Run what uses it as `python -m bench.<name>` from the repository root.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

import psutil
from pyte.screens import Char

from bench.replay import Replay

ANSWERS: Final = {b"\x1b[?2026$p": b"\x1b[?2026;2$y", b"\x1b[c": b"\x1b[?62;22c", b"\x1b[6n": b"\x1b[1;1R"}
"""What a modern terminal answers: synchronized output, device attributes, cursor."""
QUERY: Final = re.compile(b"|".join(map(re.escape, ANSWERS)))

NOT_INHERITED: Final = {"NO_COLOR", "LINES", "COLUMNS", "PYTHONDONTWRITEBYTECODE"}
"""Variables that would change what is shown, or make each start compile what an installation has."""

PATIENCE_S: Final = 30.0
"""How long something that surely comes may take on a busy machine."""
READ_S: Final = 5.0
"""How long the last bytes of a program that has ended may take to be read, where others have its terminal."""

SWITCH_S: Final = 0.0002
"""The reader's stamps, and its answers to queries, must not wait for a replay on another thread."""

Lines = list[str]
Shows = Callable[[Lines], bool]


class Chunk(NamedTuple):
    """Bytes of one read."""

    at: float
    """`time.perf_counter()` when they had been read."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Usage:
    """What the process tree has used."""

    cpu_s: float
    rss_mib: float
    pss_mib: float


class PtyApp:
    """A program under a pty, read by a thread of the harness.

    Args:
        argv: Program and arguments.
        cols: Columns of the terminal.
        rows: Rows of the terminal.
        env: Changes to the environment.
        cwd: Directory to start in.
        answers: Answer the program's queries, as `ANSWERS` says.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cols: int = 120,
        rows: int = 40,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        answers: bool = True,
    ) -> None:
        self.answers = answers
        self._chunks: list[Chunk] = []
        self._arrived = threading.Condition()
        self._rate: float | None = None
        self._over = False
        self._asked = b""
        self._replayed = 0
        self._screen = Replay(cols, rows)
        self._fd, tty = os.openpty()
        self._set_size(cols, rows)
        self.started_at = time.perf_counter()
        self.process = subprocess.Popen(
            argv,
            stdin=tty,
            stdout=tty,
            stderr=tty,
            env=_environment(env or {}),
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509 - the child needs its terminal before exec, and only calls ioctl
        )
        os.close(tty)
        sys.setswitchinterval(SWITCH_S)
        self._reader = threading.Thread(target=self._read, name="pty-reader", daemon=True)
        self._reader.start()

    def __enter__(self) -> PtyApp:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def send(self, data: bytes) -> float:
        """Type `data`; return when."""
        at = time.perf_counter()
        os.write(self._fd, data)
        return at

    def resize(self, cols: int, rows: int) -> None:
        """Change the size of the terminal; the program gets SIGWINCH."""
        self.screen()
        self._screen.resize(cols, rows)
        self._set_size(cols, rows)

    def throttle(self, bytes_per_second: float | None) -> None:
        """Read slowly, like a slow link; 0 stops reading, None reads at once."""
        self._rate = bytes_per_second

    def hang_up(self) -> None:
        """Close the terminal, as a dropped connection does."""
        self._over = True
        self._reader.join(5)
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    # What was written

    def mark(self) -> int:
        """Return a position for `bytes_since` and `wait_for`."""
        return len(self._chunks)

    def bytes_since(self, mark: int = 0) -> bytes:
        """Return what was written after `mark`."""
        return b"".join(chunk.data for chunk in self._chunks[mark:])

    def chunks_since(self, mark: int = 0) -> Sequence[Chunk]:
        """Return the reads after `mark`."""
        return self._chunks[mark:]

    def wait_for(self, marker: bytes, timeout_s: float = PATIENCE_S, *, since: int = 0) -> float:
        """Return when the bytes `marker` had been written, looking from the mark `since`."""
        tail = b""
        for chunk in self._follow(since, timeout_s, repr(marker)):
            tail += chunk.data
            if marker in tail:
                return chunk.at
            tail = tail[-len(marker) :]
        raise AssertionError("unreachable")

    def wait_quiet(self, quiet_s: float = 0.3, timeout_s: float = PATIENCE_S) -> None:
        """Wait until nothing has been written for `quiet_s`."""
        deadline = time.perf_counter() + timeout_s
        while time.perf_counter() < deadline:
            count = len(self._chunks)
            with self._arrived:
                if count and (self._over or not self._wait_more(count, quiet_s)):
                    return
        raise TimeoutError(f"still writing after {timeout_s} s")

    # What is shown

    def screen(self) -> Lines:
        """Return the lines the terminal shows now."""
        while self._replayed < len(self._chunks):
            self._replay()
        return self._screen.lines

    def cells(self) -> list[list[Char]]:
        """Return every cell the terminal shows now, with its colours and attributes."""
        self.screen()
        return self._screen.cells

    def wait_screen(self, shows: Shows, timeout_s: float = PATIENCE_S) -> float:
        """Return when the screen first satisfied `shows`: the time of the read that completed it."""
        if shows(self.screen()):
            return self._chunks[-1].at if self._chunks else self.started_at
        try:
            for chunk in self._follow(self._replayed, timeout_s, "the screen"):
                self._replay()
                if shows(self._screen.lines):
                    return chunk.at
        except TimeoutError as error:
            raise TimeoutError("\n".join((f"{error}; it shows", *self._screen.lines))) from None
        raise AssertionError("unreachable")

    def first_frame(self, visible: int = 20, timeout_s: float = PATIENCE_S) -> float:
        """Return seconds from the start until `visible` cells were filled."""
        return (
            self.wait_screen(lambda lines: len("".join("".join(lines).split())) >= visible, timeout_s)
            - self.started_at
        )

    def key_latency(
        self, key: bytes, shows: Callable[[int, Lines], bool], count: int, *, gap_s: float = 0.05
    ) -> list[float]:
        """Press `key` `count` times; return seconds to each frame for which `shows(press, lines)` holds."""
        seconds = []
        for press in range(1, count + 1):
            sent = self.send(key)
            seconds.append(self.wait_screen(partial(shows, press)) - sent)
            time.sleep(gap_s)
        return seconds

    # What it costs, and the end

    def usage(self) -> Usage:
        """Return what the program and its descendants use."""
        cpu = rss = pss = 0.0
        with contextlib.suppress(psutil.NoSuchProcess):
            root = psutil.Process(self.process.pid)
            for process in [root, *root.children(recursive=True)]:
                times, memory = process.cpu_times(), process.memory_full_info()
                cpu += times.user + times.system
                rss += memory.rss / 2**20
                pss += memory.pss / 2**20
        return Usage(cpu, rss, pss)

    def wait_exit(self, timeout_s: float = PATIENCE_S) -> int:
        """Return the exit code once the program has ended and its last words are read."""
        code = self.process.wait(timeout_s)
        if self._rate != 0:
            self._reader.join(READ_S)
        return code

    def close(self, grace_s: float = 10.0) -> None:
        """End the program by its pid, even a stopped one: SIGTERM, then SIGKILL."""
        self._rate = None
        if self.process.poll() is None:
            self.process.terminate()
            self.process.send_signal(signal.SIGCONT)
            try:
                self.process.wait(grace_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.hang_up()

    def _set_size(self, cols: int, rows: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def _read(self) -> None:
        while not self._over:
            rate = self._rate
            if rate == 0 or not select.select([self._fd], [], [], 0.02)[0]:
                time.sleep(0.005 if rate == 0 else 0)
                continue
            try:
                data = os.read(self._fd, 65536 if rate is None else max(1, int(rate * 0.01)))
            except OSError:
                break
            self._took(Chunk(time.perf_counter(), data))
            if rate is not None:
                time.sleep(0.01)
        self._over = True

    def _took(self, chunk: Chunk) -> None:
        if self.answers:
            asked = self._asked + chunk.data
            queries = list(QUERY.finditer(asked))
            self._asked = asked[queries[-1].end() if queries else 0 :][-16:]
            with contextlib.suppress(OSError):
                os.write(self._fd, b"".join(ANSWERS[query[0]] for query in queries))
        with self._arrived:
            self._chunks.append(chunk)
            self._arrived.notify_all()

    def _follow(self, since: int, timeout_s: float, what: str) -> Iterator[Chunk]:
        deadline = time.perf_counter() + timeout_s
        while True:
            while since < len(self._chunks):
                since += 1
                yield self._chunks[since - 1]
            left = deadline - time.perf_counter()
            if left <= 0 or (self._over and since == len(self._chunks)):
                raise TimeoutError(f"{what} not seen within {timeout_s} s")
            with self._arrived:
                self._wait_more(since, min(left, 0.2))

    def _wait_more(self, seen: int, timeout_s: float) -> bool:
        return self._arrived.wait_for(lambda: len(self._chunks) > seen or self._over, timeout_s)

    def _replay(self) -> None:
        self._screen.feed(self._chunks[self._replayed].data)
        self._replayed += 1


def _environment(changes: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return (
        inherited
        | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONUNBUFFERED": "1"}
        | dict(changes)
    )


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
