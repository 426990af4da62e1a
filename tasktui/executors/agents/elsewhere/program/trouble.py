"""What keeps us from an agent at an address, each in a sentence from which one knows what to do."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from tasktui.executors.agents.acp.codes import AUTH_REQUIRED, UNREACHABLE
from tasktui.executors.agents.elsewhere.address import shown

MOST: Final = 50 << 20
"""Bytes of one message of the agent: of what is longer nothing is kept."""
SHOWN: Final = 200
"""Characters of what a server says, in a sentence."""
AGAIN: Final = "Run the task again, or take its session up with --resume where the agent can."
ANSWER: Final = "an answer"
"""What is said without a method: it answers a request of the agent."""
SHORTEST: Final = 8
"""Characters of a token: a shorter one may be a part of any word."""
_LOGIN: Final = frozenset({401, 403})
_GONE: Final = frozenset({404, 409, 410})
_LATER: Final = frozenset({429, *range(500, 600)} - {501, 505})


class TroubleError(Exception):
    """Something keeps us from the agent.

    Attributes:
        code: of JSON-RPC, by which the talk knows the sort.
        is_end: whether the connection is of no use any more, rather than one request refused.
        is_late: whether what was refused may be something that nobody waits for any more.
    """

    def __init__(
        self, text: str, code: int = UNREACHABLE, *, is_end: bool = True, is_late: bool = False
    ) -> None:
        super().__init__(text)
        self.code = code
        self.is_end = is_end
        self.is_late = is_late


class Place:
    """Where the agent is, as sentences call it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.host = urlsplit(url).netloc
        self._shown = shown(url)

    def not_reached(self, failure: BaseException) -> TroubleError:
        """Return why there is no connection."""
        causes = list(_causes(failure))
        for cause in causes:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return TroubleError(
                    f"The certificate of {self.host} is not trusted ({cause.verify_message}). "
                    "If it is of an authority of your own, name its file in SSL_CERT_FILE."
                )
            if isinstance(cause, ssl.SSLError):
                return TroubleError(
                    f"{self.host} speaks no TLS that we understand ({_shown(cause.reason or cause)}). "
                    "Look at the scheme and the port of its url."
                )
            if isinstance(cause, socket.gaierror | UnicodeError):
                return TroubleError(
                    f"No machine is found by the name {self.host}. Look at its url and at DNS."
                )
        if any(_is_refusal(cause) for cause in causes):
            return TroubleError(
                f"Nothing takes connections at {self.host}. Start the agent there, or look at its url."
            )
        if any(isinstance(cause, TimeoutError) for cause in causes):
            return TroubleError(f"{self.host} does not answer. Look at the network and at the agent's url.")
        why = _shown(failure) or type(failure).__name__
        return TroubleError(
            f"{self.host} could not be reached ({why}). Look at the network and the agent's url."
        )

    def proxy_unusable(self) -> TroubleError:
        """Return that a proxy is named which cannot be gone through; its address may hold a password."""
        return TroubleError(
            f"The proxy on the way to {self.host} cannot be used. Write it as http://HOST:PORT in "
            "HTTPS_PROXY (one of SOCKS is not supported), or name the machine in NO_PROXY."
        )

    def encoded(self, coding: str) -> TroubleError:
        """Return that an answer is packed, though we take none that is."""
        return TroubleError(
            f"{self.host} answers in the encoding {_shown(coding)!r}, which nobody asked for. "
            "Have the server, or what is before it, send its answers as they are."
        )

    def not_carried(self, failure: BaseException) -> TroubleError:
        """Return that something failed of which we know nothing better."""
        why = _shown(f"{type(failure).__name__}: {failure}")
        return TroubleError(f"The talk with {self.host} failed ({why}). Look at the agent's url. {AGAIN}")

    def refused(self, status: int, location: str = "") -> TroubleError:
        """Return what an answer of HTTP means that lets us not begin."""
        if status in _LOGIN:
            return TroubleError(f"{self.host} does not let us in (HTTP {status}).", AUTH_REQUIRED)
        if location and 300 <= status < 400:
            return TroubleError(
                f"{self._shown} leads elsewhere (HTTP {status}), to {_shown(location)}. "
                "If that is where the agent is, write it as its url."
            )
        if status in _LATER:
            return TroubleError(f"{self.host} cannot serve us now (HTTP {status}). Try again later.")
        return self.no_agent(f"HTTP {status}")

    def no_agent(self, what: str) -> TroubleError:
        """Return that something is there which is no agent."""
        return TroubleError(
            f"No agent of the Agent Client Protocol answers at {self._shown} "
            f"({_shown(what)}). Look at its url."
        )

    def request_refused(self, status: int, method: str) -> TroubleError:
        """Return what an answer of HTTP means to something that was said in the middle of the talk."""
        if status in _LOGIN or status in _LATER:
            return self.refused(status)
        if status == 404 and method != ANSWER:
            return TroubleError(f"{self.host} does not know our connection any more (HTTP 404). {AGAIN}")
        words = f"{self.host} did not take {method} (HTTP {status})."
        return TroubleError(words, is_end=False, is_late=status in _GONE)

    def lost(self, why: object = "") -> TroubleError:
        """Return that the connection was lost."""
        words = f" ({_shown(why)})" if _shown(why) else ""
        return TroubleError(f"The connection to {self.host} was lost{words}. {AGAIN}")

    def silent(self, waited_s: float) -> TroubleError:
        """Return that nobody answered who we are."""
        return TroubleError(
            f"{self.host} took the connection and said nothing for {waited_s:g} s. "
            "See whether the agent there works, and that its url is the one of an agent."
        )

    def too_long(self) -> TroubleError:
        """Return that a message was too long to be taken."""
        return TroubleError(
            f"{self.host} sent a message of more than {MOST >> 20} MiB, which is not taken. "
            "Ask the agent for less at once."
        )


def no_token(name: str, token: str) -> TroubleError | None:
    """Return why a variable holds no token, if it does not."""
    if not token:
        what = "is not set"
    elif not (token.isascii() and token.isprintable()):
        what = "holds what cannot be a token: letters, digits and signs alone can"
    elif len(token) < SHORTEST:
        what = f"holds less than {SHORTEST} characters: so short a token cannot be kept out of what is told"
    else:
        return None
    return TroubleError(f"The variable {name}, for the token, {what}.", AUTH_REQUIRED)


def not_installed(install: str) -> TroubleError:
    """Return that a part of ours is missing."""
    return TroubleError(f"To talk with agents at an address tasktui needs more: {install}")


def _shown(what: object) -> str:
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in str(what)).split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _causes(failure: BaseException | None) -> Iterator[BaseException]:
    """Yield a failure and what it comes from: libraries wrap those of the system in their own."""
    if failure is None:
        return
    yield failure
    if isinstance(failure, BaseExceptionGroup):
        for part in failure.exceptions:
            yield from _causes(part)
    yield from _causes(failure.__cause__ or failure.__context__)


def _is_refusal(cause: BaseException) -> bool:
    """Tell whether nobody listens; of several addresses asyncio tells in words alone."""
    return isinstance(cause, ConnectionRefusedError) or (
        isinstance(cause, OSError) and f"[Errno {errno.ECONNREFUSED}]" in str(cause)
    )
