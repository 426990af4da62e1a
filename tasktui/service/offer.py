"""What an owner offers beside its own sockets. Standard library alone."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tasktui.domain.ports.manager import Manager

if TYPE_CHECKING:
    from fastapi import APIRouter


COMPAT: Final = "/compat"
"""Below it are the routes of other task managers."""


@dataclass(frozen=True, slots=True)
class System:
    """The routes of another task manager, for programs that speak its language."""

    router: Callable[[Manager], APIRouter]
    """Makes them over the manager, when the first connection comes."""
    looking: tuple[str, ...] = ()
    """Paths, with `{}` for what varies, that may be got where nothing may be changed."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What to offer; nothing unless it was asked for."""

    port: socket.socket | None = None
    """Bound to this machine; who comes by it shows a token."""
    systems: Mapping[str, System] = field(default_factory=dict)
    """By the name under which they are found: `/compat/NAME`."""
