"""What the owner asks of a shim, and what a shim records: the two shapes that cross the process boundary."""

from __future__ import annotations

TYPE_CHECKING = False  # the typing module is too heavy for a process of 2 MiB
if TYPE_CHECKING:
    from typing import Literal, TypedDict

    class Request(TypedDict):
        """One run to start; JSON on the way."""

        id: str
        run: int
        dir: str
        argv: list[str]
        cwd: str
        env: dict[str, str]
        stdin: Literal["pipe", "null"]
        timeout_s: float | None
        grace_s: float
        cap_bytes: int
        patient: bool
        """Whether the task waits while the disk takes none of its output, instead of losing it."""
        mark: str
        umask: int
        notify: str
        """The owner's datagram socket, relative to ``dir`` so that it fits into a socket address."""

    class Failure(TypedDict):
        """Why the program could not be started."""

        kind: str
        errno: int
        text: str

    class Status(TypedDict):
        """The content of ``status.json``."""

        v: int
        id: str
        run: int
        code: int | None
        signal: int | None
        failure: Failure | None
        stopped: str | None
        started_ms: int
        ended_ms: int
        duration_ms: int
        cpu_s: float
        max_rss_kib: int
        written: int
        dropped: int
        survivors: int
