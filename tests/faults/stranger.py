"""What another user of the machine tries: `python stranger.py PORT PID PATH…`, begun as root, which it ends.

It prints one JSON list of what it could do.
"""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import http.client
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

NOBODY = 65_534


def read(path: Path) -> None:
    os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))


def write(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))


def lock(path: Path) -> None:
    fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def look(path: Path) -> None:
    next(path.iterdir(), None)


def make(path: Path) -> None:
    (path / "planted").touch()


def remove(path: Path) -> None:
    path.unlink()


def ask(path: Path) -> None:
    """Get an answer out of a socket."""
    with socket.socket(socket.AF_UNIX) as there:
        there.settimeout(10)
        there.connect(str(path))
        there.sendall(b"GET /v1/counts HTTP/1.1\r\nHost: x\r\n\r\n")
        if not there.recv(1):
            raise ConnectionError("hung up")


def knock(port: int) -> int:
    """The status that the port gives somebody without a token."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/v1/counts")
    return connection.getresponse().status


TRIES: tuple[Callable[[Path], None], ...] = (read, write, lock, look, make, ask)


def main(port: int, paths: list[Path], processes: list[int]) -> None:
    # what names of hosts need is loaded while we may read it
    codecs.lookup("idna")
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    done: list[str] = []
    for path in paths:
        # the last, for it would take away what is still to be tried
        for attempt in (*TRIES, remove):
            with contextlib.suppress(OSError):
                attempt(path)
                done.append(f"{attempt.__name__} {path}")
    for pid in processes:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGCONT)
            done.append(f"kill {pid}")
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/environ").read_bytes()
            done.append(f"environ {pid}")
    status = knock(port)
    if status != 401:
        done.append(f"port {status}")
    sys.stdout.write(json.dumps(done))


if __name__ == "__main__":
    main(int(sys.argv[1]), [Path(one) for one in sys.argv[3:]], [int(sys.argv[2])])
