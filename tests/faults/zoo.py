"""Process trees that don't want to end; each gets the path of a folder and makes a file there once up."""

from __future__ import annotations

import sys

_HEAD = """
import os, pathlib, signal, sys, time
up = pathlib.Path(sys.argv[1])
def ready(name): (up / name).touch()
def sleep(): time.sleep(300)
"""

IGNORES_TERM = "signal.signal(signal.SIGTERM, signal.SIG_IGN); ready('a'); sleep()"

SETSID_GRANDCHILD = """
if os.fork() == 0:
    os.setsid(); signal.signal(signal.SIGTERM, signal.SIG_IGN); ready('a'); sleep()
sleep()
"""

DOUBLE_FORK = """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN); ready('a'); sleep()
    os._exit(0)
os.wait(); sleep()
"""

SWARM = """
signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGCHLD, signal.SIG_IGN)
ends = time.monotonic() + 20  # bounded, whatever happens to the one that kills it
for _ in range(5):
    if os.fork() == 0: break
ready('a')
while time.monotonic() < ends:  # each hands on to a child of a session of its own and dies
    time.sleep(0.002)
    if os.fork(): os._exit(0)
    os.setsid()
"""

ZOO = {
    "a leader that ignores SIGTERM": IGNORES_TERM,
    "a grandchild with a session of its own": SETSID_GRANDCHILD,
    "a double fork": DOUBLE_FORK,
    "a swarm that forks for ever": SWARM,
}


def program(body: str, folder: str) -> tuple[str, ...]:
    """The command that runs one of them."""
    return (sys.executable, "-I", "-S", "-c", _HEAD + body, folder)
