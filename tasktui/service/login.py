"""What a login on a machine has: where it begins and its environment, for tasks asked for from afar."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, NamedTuple

from tasktui.service.channel_frames import LARGEST

_ROOM: Final = LARGEST - 4_096
"""Bytes of JSON that the environment may take."""


class Login(NamedTuple):
    """A login on a machine."""

    cwd: str
    """The directory in which it begins."""
    env: Mapping[str, str]


def about(cwd: str, environ: Mapping[str, str]) -> bytes:
    """Return a login as it travels; the longest values stay behind where there are too many."""
    env = {name: value for name, value in environ.items() if _storable(name + value)}
    sizes = {name: len(json.dumps({name: value})) for name, value in env.items()}
    while sum(sizes.values()) > _ROOM:
        longest = max(sizes, key=sizes.__getitem__)
        del sizes[longest], env[longest]
    return json.dumps({"cwd": cwd if _storable(cwd) else "/", "env": env}).encode()


def read_login(data: bytes) -> Login | None:
    """Return the login that another end told of; None when it told of none."""
    try:
        told = json.loads(data)
        return Login(str(told["cwd"]), {str(name): str(value) for name, value in told["env"].items()})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _storable(text: str) -> bool:
    """Whether it is UTF-8: an environment may hold any bytes, JSON may not."""
    return not any("\ud800" <= char <= "\udfff" for char in text)
