"""One request to the owner, for commands that must be quick. Standard library alone."""

from __future__ import annotations

import http.client
import selectors
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tasktui.domain.errors import OwnerError, TasktuiError
from tasktui.domain.wire import encode
from tasktui.service.levels import API, HEADER, difference, explained
from tasktui.service.owner import OwnerInfo, read_owner
from tasktui.service.peer import require_same_user
from tasktui.service.places import check_private
from tasktui.service.presence import LONGEST_SILENCE_S, stands_still
from tasktui.service.reading import LARGEST_BODY, TooLongError, read, understood

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PATIENCE_S: Final = 1.0
"""Silence after which the owner is asked whether it is there at all, and how long it has to say so."""
HEALTH: Final = "/v1/health"
_LARGEST: Final = LARGEST_BODY + 65_536
"""Bytes of one answer with its head."""


class _UnixConnection(http.client.HTTPConnection):
    """A connection for one request."""

    def __init__(self, path: str, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path
        self._timeout_s = timeout_s

    def connect(self) -> None:
        self.sock = _BoundedSocket(self._timeout_s)
        self.sock.connect(self._path)
        require_same_user(self.sock)


class _BoundedSocket(socket.socket):
    """All that is read of it comes within the time-out, from the first read on, and is one answer at most.

    `http.client` bounds each read by itself: bytes that come one by one would hold it for ever.
    """

    def __init__(self, timeout_s: float) -> None:
        super().__init__(socket.AF_UNIX, socket.SOCK_STREAM)
        self.settimeout(timeout_s)
        self._timeout_s = timeout_s
        self._until: float | None = None
        self._room = _LARGEST

    def recv_into(self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0) -> int:
        if self._until is None:
            self._until = time.monotonic() + self._timeout_s
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.settimeout(left)
        size = super().recv_into(buffer, nbytes, flags)
        self._room -= size
        if self._room < 0:
            raise TooLongError
        return size


def call(
    home: Path,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    limit_s: float = 60,
    note: Callable[[str], object] = len,
) -> dict[str, Any]:
    """Ask the owner of a data directory.

    Args:
        home: the data directory.
        method: GET, POST.
        path: with its query, for instance `/v1/counts`.
        body: sent as JSON.
        limit_s: longest wait for an owner that is there but has not answered this.
        note: told of an owner of another version.

    Raises:
        OwnerError: there is none, it does not answer, or what it answers is not understood.
        TasktuiError: what it answered, by its class.
    """
    info = _owner(home)
    connection = _UnixConnection(info.socket, PATIENCE_S if stands_still(info.pid) else LONGEST_SILENCE_S)
    try:
        try:
            headers = {HEADER: str(API)} | ({"Content-Type": "application/json"} if body is not None else {})
            connection.request(method, path, encode(body) if body is not None else None, headers)
            _await_answer(connection, info, time.monotonic() + limit_s)
            with connection.getresponse() as answer:
                return _understood(answer, note)
        except (TimeoutError, BlockingIOError) as exc:
            raise silent(info) from exc
        except (OSError, http.client.HTTPException) as exc:
            raise absent(home) from exc
    finally:
        connection.close()


def answers(home: Path, *, within_s: float = PATIENCE_S) -> bool:
    """Whether an owner answers now."""
    info = read_owner(home)
    return info is not None and not stands_still(info.pid) and _healthy(info, within_s)


def absent(home: Path) -> OwnerError:
    """Return the error for a data directory without an owner."""
    return OwnerError(
        f"No owner answers for {home}. Start one with `tasktui serve`, or open `tasktui`.", home=str(home)
    )


def silent(info: OwnerInfo) -> OwnerError:
    """Return the error for an owner that has its lock but says nothing."""
    return OwnerError(
        f"The owner, process {info.pid}, does not answer; it may be stopped. Continue it with "
        f"`kill -CONT {info.pid}`, or end it with `kill -9 {info.pid}`: its tasks go on, "
        "and the next owner has them.",
        pid=info.pid,
    )


def hangs(info: OwnerInfo, silent_s: float) -> bool:
    """Whether an owner that said nothing for so long will not; one that is only busy may take its time."""
    return silent_s > LONGEST_SILENCE_S or stands_still(info.pid)


def _owner(home: Path) -> OwnerInfo:
    info = read_owner(home)
    if info is None:
        raise absent(home)
    try:
        check_private(Path(info.socket).parent)
    except FileNotFoundError as exc:
        raise absent(home) from exc
    return info


def _await_answer(connection: http.client.HTTPConnection, info: OwnerInfo, deadline: float) -> None:
    """Return when there is something to read; what was sent is never sent again."""
    heard = time.monotonic()
    with selectors.DefaultSelector() as ready:
        ready.register(connection.sock, selectors.EVENT_READ)
        while not ready.select(PATIENCE_S):
            if _healthy(info, PATIENCE_S):
                heard = time.monotonic()
            elif hangs(info, time.monotonic() - heard):
                raise silent(info)
            if time.monotonic() > deadline:
                raise silent(info)


def _healthy(info: OwnerInfo, within_s: float) -> bool:
    connection = _UnixConnection(info.socket, within_s)
    try:
        connection.request("GET", HEALTH)
        return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _understood(answer: http.client.HTTPResponse, note: Callable[[str], object]) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in answer.getheaders()}
    try:
        told = read(answer.status, _whole(answer))
    except TasktuiError as exc:
        if (error := explained(exc, headers)) is exc:
            raise
        raise error from exc
    if said := difference(headers):
        note(said)
    return told


def _whole(answer: http.client.HTTPResponse) -> bytes:
    body = understood(answer.read, LARGEST_BODY + 1)
    if len(body) > LARGEST_BODY:
        raise TooLongError
    if answer.length:  # the owner died over it, and reading so many bytes at most does not say so
        raise http.client.IncompleteRead(body, answer.length)
    return body
