"""What `serve` offers beside the owner's own sockets: a port of this machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tasktui.cli.printing import tell

if TYPE_CHECKING:
    import socket

    from tasktui.service.offer import Offer, System


def offered(home: Path, address: str | None, systems: Sequence[str] = (), agent: str | None = None) -> Offer:
    """Return what was asked for; its port is bound.

    Args:
        home: the data directory.
        address: of this machine, with a port.
        systems: other task managers whose routes are served.
        agent: the preset to which their prompts are given.

    Raises:
        InvalidError: this is no address.
        RefusedError: other machines could reach it.
        UnavailableError: it is taken.
    """
    from tasktui.service.offer import Offer

    made = _systems(home, systems, agent) if systems else {}
    return Offer(None if address is None else _port(home, address), made)


def _systems(home: Path, names: Sequence[str], agent: str | None) -> dict[str, System]:
    from tasktui.compat.serving import systems

    return systems(names, agent=agent, home=home)


def _port(home: Path, address: str) -> socket.socket:
    from tasktui.service.sockets import listen_on_port, loopback
    from tasktui.service.tokens import NAMES, token

    bound = listen_on_port(loopback(address))
    for rights in NAMES:
        token(home, rights)
    return bound


def tell_address(offer: Offer) -> None:
    """Say on standard output where is served what was offered, if it has a port."""
    if offer.port is None:
        return
    from tasktui.service.sockets import spelled

    click.echo(f"http://{spelled(offer.port.getsockname()[:2])}")
    tell("Programs of this machine may ask there with the token that `tasktui token` prints.")
