"""A real `tasktui web`: the link that it printed, the dashboards that it started, and how it ends."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil

from bench.pty import PtyApp
from tests.faults.desks import ROOT, TASKTUI, end_owner, until

LINK = re.compile(r"http://\S+/\?token=[\w-]+(?=[^\w-])")
"""One that is printed whole."""
PATIENCE_S = 30
get = partial(httpx.get, timeout=PATIENCE_S)


@dataclass
class Front:
    """A `tasktui web` on a terminal of its own."""

    home: Path
    app: PtyApp

    @property
    def process(self) -> psutil.Process:
        """The web server itself."""
        return psutil.Process(self.app.process.pid)

    def link(self) -> str:
        """Return the newest link that it printed."""
        return self._links()[-1]

    @property
    def base(self) -> str:
        """The address of the front, without a path."""
        return self.link().partition("/?")[0]

    def new_link(self) -> str:
        """Press Enter, and return the link that comes."""
        before = len(self._links())
        self.app.send(b"\n")
        until(lambda: len(self._links()) > before, PATIENCE_S, "another link")
        return self.link()

    def printed(self) -> str:
        """Return all that stands on its terminal."""
        return self.app.bytes_since().decode()

    def dashboards(self) -> list[psutil.Process]:
        """Return the processes of its tabs."""
        return [one for one in self.process.children() if _is_dashboard(one)]

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send a signal and return the exit code."""
        self.app.process.send_signal(number)
        return self.app.wait_exit(PATIENCE_S)

    def _links(self) -> list[str]:
        return LINK.findall(self.printed())


def _is_dashboard(process: psutil.Process) -> bool:
    try:
        return process.cmdline()[-1:] == ["attach"]
    except psutil.Error:  # it has just ended
        return False


@contextmanager
def front(home: Path, *options: str, env: Mapping[str, str] | None = None) -> Iterator[Front]:
    """A front that has printed its first link; its dashboards and the owner are ended with it."""
    words, rest = (
        [one for one in options if one == "--readonly"],
        [one for one in options if one != "--readonly"],
    )
    argv = [*TASKTUI, "--home", str(home), *words, "web", *rest]
    dashboards: list[psutil.Process] = []
    try:
        with PtyApp(argv, cols=200, rows=30, cwd=ROOT, env=env) as app:
            made = Front(home, app)
            until(lambda: "Ctrl-C" in made.printed(), PATIENCE_S, "the first link")
            yield made
            if app.process.poll() is None:
                dashboards = made.dashboards()
                made.end()
        assert psutil.wait_procs(dashboards, timeout=PATIENCE_S)[1] == []
    finally:
        end_owner(home)


@dataclass(frozen=True)
class Entered:
    """What a browser has after it opened the link."""

    base: str
    """The front, without a path."""
    room: str
    """The path of the session."""
    cookie: str

    @property
    def headers(self) -> dict[str, str]:
        """What its page sends along."""
        return {"Cookie": self.cookie, "Origin": self.base, "Sec-Fetch-Site": "same-origin"}


def entered(link: str) -> Entered:
    """Open a link as a browser does."""
    answer = get(link)
    assert answer.status_code == 200
    parts = urlsplit(link)
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    return Entered(f"{parts.scheme}://{parts.netloc}", answer.headers["Refresh"].partition("url=")[2], cookie)


def ask_socket(url: str, headers: Mapping[str, str]) -> int:
    """Ask for a WebSocket by hand; return the status, 101 when it is opened."""
    wanted = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", **headers,
    }  # fmt: skip
    with httpx.Client(timeout=PATIENCE_S) as client, client.stream("GET", url, headers=wanted) as answer:
        return answer.status_code
