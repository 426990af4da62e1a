"""Stands in for podman: a client that hands its words, streams and variables to the engine of the test."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys


def tell(words: list[str], *, fds: tuple[int, ...] = (), env: dict[str, str] | None = None) -> socket.socket:
    engine = socket.socket(socket.AF_UNIX)
    engine.connect(sys.argv[1])
    said = json.dumps({"words": words, "env": env or {}}).encode()
    socket.send_fds(engine, [said], list(fds) or [1])
    return engine


def main(words: list[str]) -> int:
    names = [word.removeprefix("--env=") for word in words if word.startswith("--env=")]
    env = {name: os.environ[name] for name in names if name in os.environ}
    engine = tell(words, fds=(0, 1, 2), env=env)
    box = next((word.removeprefix("--name=") for word in words if word.startswith("--name=")), "")
    signal.signal(signal.SIGTERM, lambda *_: tell(["signal", box]).close())
    answer = json.loads(engine.makefile().readline())
    sys.stdout.write(answer["said"])
    return int(answer["code"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[2:]))
