"""What a person writes of an agent that is at an address: checked where it is read, and filled up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from tasktui.domain.errors import ConfigError

INSTALL: Final = "pip install 'tasktui[acp-remote]'"
SCHEMES: Final = ("wss", "https", "ws", "http")
_PLAIN: Final = frozenset({"ws", "http"})
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def settled(where: str, taken: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of an agent, those of one at an address checked and filled up.

    Args:
        where: the entry, as it is called in an error.
        taken: all values, of the entry and of the agent that it is like.
        own: those of the entry alone.

    Raises:
        ConfigError: they do not go together, or one of them cannot be.
    """
    if "url" not in own:
        if alone := sorted({"token_env", "cwd"} & set(own)):
            raise ConfigError(f"{where}.{alone[0]} goes with url: it is for an agent at an address.")
        return dict(taken)
    if "argv" in own:
        raise ConfigError(f"{where} has url and argv: an agent is at an address or a program here. Drop one.")
    if taken.get("protocol", "acp") != "acp":
        raise ConfigError(f'{where}.url goes with protocol = "acp" alone, not with {taken["protocol"]}.')
    url = _address(where, own["url"])
    token = _token(where, own.get("token_env", ""), url)
    _directory(where, own.get("cwd", ""))
    login = f"Set {token} to a token that {url.netloc} takes." if token else _WITHOUT.format(where)
    here = {"argv": (), "protocol": "acp", "install": INSTALL, "login": login}
    return {**taken, **here, **{key: own[key] for key in ("install", "login") if key in own}}


_WITHOUT: Final = "Where it wants a token, name the variable that holds it: {}.token_env."


def is_loopback(url: SplitResult) -> bool:
    """Tell whether an address is on this machine, so that nobody on the way can read."""
    return url.hostname in _LOOPBACK


def shown(url: str) -> str:
    """Return an address as people are shown it: what follows a question mark may be secret."""
    return url.partition("?")[0]


def _address(where: str, text: str) -> SplitResult:
    forms = "wss://HOST/PATH, https://HOST/PATH, and for this machine ws:// or http://"
    try:
        url = urlsplit(text)
        named = url.scheme in SCHEMES and url.hostname and url.port != 0
    except ValueError:
        named = None
    if not named or not text.isprintable() or not text.isascii() or " " in text:
        raise ConfigError(f"{where}.url is no address of an agent. Addresses are {forms}.")
    if "@" in url.netloc:
        raise ConfigError(
            f"{where}.url holds a password: name a variable with a token instead, by token_env."
        )
    if url.fragment:
        raise ConfigError(f"{where}.url has a fragment (#…), which no server gets: drop it.")
    return url


def _token(where: str, name: str, url: SplitResult) -> str:
    if name and not _VARIABLE.match(name):
        raise ConfigError(f"{where}.token_env must be the name of a variable, not the token itself.")
    if name and url.scheme in _PLAIN and not is_loopback(url):
        safe = {"ws": "wss", "http": "https"}[url.scheme]
        raise ConfigError(
            f"{where}.url would send the token readable for everybody on the way: use {safe}://{url.netloc}."
        )
    return name


def _directory(where: str, cwd: str) -> None:
    if cwd and not (PurePosixPath(cwd).is_absolute() or PureWindowsPath(cwd).is_absolute()):
        raise ConfigError(f"{where}.cwd must be the whole path of a directory there, not {cwd}")
