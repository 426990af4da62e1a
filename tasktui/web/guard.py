"""What a request's headers must be, before anything is looked up, and what every answer tells browsers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol

HERE: Final = ("127.0.0.1", "localhost", "::1")
"""The names under which a browser may know this machine, whatever port `ssh -L` gave ours there."""
_HOST: Final = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
_METHODS: Final = ("GET", "HEAD")
_OWN: Final = ("same-origin", "none")

ANSWER: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # a task's text must never be able to ask the terminal what the person has copied
    "Permissions-Policy": "clipboard-read=(), camera=(), microphone=(), geolocation=()",
    "Server": "tasktui",
}
"""Goes with every answer, errors and files too."""


class Headers(Protocol):
    """What is read of a request: its headers, each of which may have come more than once."""

    def getall(self, key: str, default: list[str], /) -> list[str]:
        """Return every value of a header."""
        ...


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not answered."""

    status: HTTPStatus
    sentence: str


def refusal(method: str, headers: Headers, *, socket: bool) -> Refusal | None:
    """Judge where a request comes from; None when it comes from a page of ours or from the person.

    Args:
        method: of the request.
        headers: of the request.
        socket: whether it would become a WebSocket, which browsers let any page open.
    """
    hosts = headers.getall("Host", [])
    if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
        # another name for this address: a foreign page that had its name point here (DNS rebinding)
        return Refusal(HTTPStatus.MISDIRECTED_REQUEST, "This is not the address of tasktui's dashboard.")
    if _is_foreign(headers, hosts[0], socket=socket):
        return Refusal(HTTPStatus.FORBIDDEN, "Only tasktui's own page may ask for this.")
    if method not in _METHODS:
        return Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "Nothing can be sent here.")
    return None


def _is_foreign(headers: Headers, host: str, *, socket: bool) -> bool:
    origins = headers.getall("Origin", [])
    if origins != [f"http://{host}"] and (origins or socket):
        return True
    return not all(site in _OWN for site in headers.getall("Sec-Fetch-Site", [])) and not _is_visit(headers)


def _is_visit(headers: Headers) -> bool:
    """Whether a person follows a link to us, in a tab and in no frame."""
    return (headers.getall("Sec-Fetch-Mode", []), headers.getall("Sec-Fetch-Dest", [])) == (
        ["navigate"],
        ["document"],
    )
