"""An engine of containers for tests: what it runs belongs to it, as with docker, and not to its clients.

Its containers are processes outside the tree of whoever asked for them, so that killing a client leaves them.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

CLIENT = Path(__file__).with_name("fake_podman.py")


class FakeEngine:
    """Listens until it is closed; one thread for each client."""

    def __init__(self, place: Path) -> None:
        self.calls: list[list[str]] = []
        self.boxes: dict[str, subprocess.Popen[bytes]] = {}
        self.labels: dict[str, list[str]] = {}
        self.proxies = True
        """Whether a signal to a client reaches its container."""
        self.bin = place / "bin"
        self.bin.mkdir(parents=True)
        path = place / "engine"
        client = self.bin / "podman"
        client.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S {CLIENT} {path} "$@"\n')
        client.chmod(0o755)
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen(32)
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._server.close()
        for box in list(self.boxes.values()):
            box.kill()
            box.wait(timeout=10)

    def said(self, verb: str) -> list[list[str]]:
        """Return the calls of one verb."""
        return [call for call in self.calls if call[0] == verb]

    def start(self, name: str, words: list[str], command: list[str], *, fds: tuple[int, ...] = ()) -> None:
        """Start a container, as a client that is gone did."""
        self._start(name, words, command, fds or (-1, -1, -1), {}, None)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        said, fds, _, _ = socket.recv_fds(client, 1 << 20, 3)
        if not said:  # killed before it said what it wants
            client.close()
            return
        asked = json.loads(said)
        words = asked["words"]
        self.calls.append(words)
        code, text = self._do(words, tuple(fds), asked["env"])
        for fd in fds:
            os.close(fd)
        with suppress(OSError):
            client.sendall(json.dumps({"code": code, "said": text}).encode() + b"\n")
        client.close()

    def _do(self, words: list[str], fds: tuple[int, ...], env: dict[str, str]) -> tuple[int, str]:
        name = words[-1]
        box = self.boxes.get(name)
        match words[0]:
            case "run":
                return self._run(words, fds, env)
            case "ps":
                wanted = words[2].removeprefix("--filter=label=")
                return 0, "".join(f"{one}\n" for one in list(self.boxes) if wanted in self.labels[one])
            case "stop" if box is not None:
                box.terminate()
            case "signal" if box is not None and self.proxies:
                box.terminate()
            case "rm" if box is not None:
                box.kill()
                box.wait(timeout=10)
                self.boxes.pop(name, None)
            case _:
                return 1, ""
        return 0, ""

    def _run(self, words: list[str], fds: tuple[int, ...], env: dict[str, str]) -> tuple[int, str]:
        at = words.index("--entrypoint=")
        image, command = words[at + 1], words[at + 2 :]
        if image == "missing":
            os.write(fds[2], b"Error: no such image: missing\n")
            return 125, ""
        name = next(word.removeprefix("--name=") for word in words if word.startswith("--name="))
        cwd = next(word.removeprefix("--workdir=") for word in words if word.startswith("--workdir="))
        box = self._start(name, words, command, fds, env, cwd)
        code = box.wait()
        self.boxes.pop(name, None)
        return (code if code >= 0 else 128 - code), ""

    def _start(
        self, name: str, words: list[str], command: list[str], fds: tuple[int, ...], env: dict[str, str],
        cwd: str | None,
    ) -> subprocess.Popen[bytes]:  # fmt: skip
        stdin, stdout, stderr = (fd if fd >= 0 else subprocess.DEVNULL for fd in fds)
        box = subprocess.Popen(
            command, stdin=stdin, stdout=stdout, stderr=stderr, cwd=cwd, start_new_session=True,
            env={"PATH": os.environ["PATH"], **{name: env[name] for name in env if name != "TASKTUI_MARK"}},
        )  # fmt: skip
        self.labels[name] = [word.removeprefix("--label=") for word in words if word.startswith("--label=")]
        self.boxes[name] = box
        return box


@contextmanager
def engine(place: Path) -> Iterator[FakeEngine]:
    fake = FakeEngine(place)
    try:
        yield fake
    finally:
        fake.close()
