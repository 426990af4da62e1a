"""Where the owner listens: unix sockets for nobody but us, and a port of this machine when asked for."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

from tasktui.domain.errors import InvalidError, RefusedError, UnavailableError
from tasktui.service.peer import require_same_user
from tasktui.service.places import private_directory


class _OwnSocket(socket.socket):
    """A listening socket that takes nobody in but the same user."""

    def accept(self) -> tuple[socket.socket, object]:
        """Return the next connection of this user."""
        connection, address = super().accept()
        try:
            require_same_user(connection)
        except (RefusedError, OSError) as exc:
            connection.close()
            # asyncio goes on to wait for the next one
            raise ConnectionAbortedError from exc
        return connection, address


def listen(path: Path) -> socket.socket:
    """Bind a socket of the owner, for nobody but us; the caller holds the lock, so what is there is stale.

    Raises:
        RefusedError: its directory is somebody else's or open to others.
    """
    private_directory(path.parent)
    path.unlink(missing_ok=True)
    bound = _OwnSocket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        bound.bind(str(path))
    finally:
        os.umask(before)
    path.chmod(0o600)
    return bound


def loopback(text: str) -> tuple[str, int]:
    """Return the address and the port of `127.0.0.1:PORT` or `[::1]:PORT`; port 0 is any free one.

    Raises:
        InvalidError: it is neither.
        RefusedError: other machines could reach it.
    """
    import ipaddress  # owners without a port go without it

    host, colon, port = text.rpartition(":")
    name = "127.0.0.1" if host == "localhost" else host.removeprefix("[").removesuffix("]")
    try:
        address, number = ipaddress.ip_address(name), int(port)
    except ValueError as exc:
        raise InvalidError(f"Not an address and a port, such as 127.0.0.1:8400: {text}") from exc
    if not colon or not 0 <= number <= 65_535 or (address.version == 6) != host.startswith("["):
        raise InvalidError(f"Not an address and a port, such as 127.0.0.1:8400 or [::1]:8400: {text}")
    if not address.is_loopback:
        raise RefusedError(
            f"Other machines could reach {text}, and nothing said there is encrypted. Listen on 127.0.0.1 or "
            "[::1]; from elsewhere use `tasktui --host NAME`, or ssh's tunnel: "
            "`ssh -L 8400:127.0.0.1:8400 NAME`.",
            address=text,
        )
    return str(address), number


def listen_on_port(address: tuple[str, int]) -> socket.socket:
    """Bind a port of this machine.

    Raises:
        UnavailableError: it is taken, or there is no such address here.
    """
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
    except OSError as exc:
        bound.close()
        taken = exc.errno == errno.EADDRINUSE
        what = "Another program listens there" if taken else (exc.strerror or str(exc))
        said = f"Cannot listen on {spelled(address)}: {what}. Choose another port; 0 is any that is free."
        raise UnavailableError(said, port=address[1]) from exc
    return bound


def spelled(address: tuple[str, int]) -> str:
    """Return an address and a port as they stand in a URL."""
    return f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"
