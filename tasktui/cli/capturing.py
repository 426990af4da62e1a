"""What a program says until it ends, within bounds of time and size."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Sequence
from typing import Final, NamedTuple

MOST: Final = 256 << 20
"""Bytes of an answer that are held; a listing of some 150,000 tasks."""
LAST_WORDS_S: Final = 0.5
"""Silence after which one that has ended says no more: what it left behind, as a master connection of ssh,
may hold the other ends of its pipes."""
_LAST_WORDS: Final = 65_536
"""Bytes kept of standard error, the last ones."""
_AT_ONCE: Final = 65_536


class TooMuchError(Exception):
    """A program says more than is held."""


class Captured(NamedTuple):
    """What a program said."""

    code: int
    out: bytes
    err: bytes


def captured(argv: Sequence[str], *, within_s: float, most: int = MOST) -> Captured:
    """Run a program without input to its end.

    Args:
        argv: the program and its arguments.
        within_s: how long it may take; then it is killed.
        most: bytes of its standard output; with more it is killed.

    Raises:
        FileNotFoundError: there is no such program.
        TimeoutError: it took longer.
        TooMuchError: it said more.
    """
    until = time.monotonic() + within_s
    with subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            out, err = _said(process, until, most)
            return Captured(process.wait(max(0.0, until - time.monotonic())), out, err)
        except subprocess.TimeoutExpired as exc:
            raise TimeoutError from exc
        finally:
            process.kill()


def _said(process: subprocess.Popen[bytes], until: float, most: int) -> tuple[bytes, bytes]:
    out, err = bytearray(), bytearray()
    with selectors.DefaultSelector() as pipes:
        for pipe, held in ((process.stdout, out), (process.stderr, err)):
            if pipe is not None:
                pipes.register(pipe, selectors.EVENT_READ, held)
        while pipes.get_map():
            ready = pipes.select(max(0.0, min(LAST_WORDS_S, until - time.monotonic())))
            if not ready and _has_ended(process, until):
                break
            for key, _ in ready:
                if not (data := os.read(key.fd, _AT_ONCE)):
                    pipes.unregister(key.fileobj)
                key.data.extend(data)
            del err[:-_LAST_WORDS]
            if len(out) > most:
                raise TooMuchError
    return bytes(out), bytes(err)


def _has_ended(process: subprocess.Popen[bytes], until: float) -> bool:
    """Whether it has; TimeoutError where it had to by now."""
    ended = process.poll() is not None
    if not ended and time.monotonic() >= until:
        raise TimeoutError
    return ended
