"""Who is at the other end of a unix socket: only this user may be."""

from __future__ import annotations

import os
import socket
import struct
from typing import Final

from tasktui.domain.errors import RefusedError

_UCRED: Final = struct.Struct("3i")


def peer_uid(connection: socket.socket) -> int:
    """Return the user id of the process at the other end, as the kernel knows it."""
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    _, uid, _ = _UCRED.unpack(told)
    return int(uid)


def require_same_user(connection: socket.socket) -> None:
    """See that the other end is ours.

    Raises:
        RefusedError: it belongs to another user.
    """
    uid = peer_uid(connection)
    if uid != os.geteuid():
        raise RefusedError("The socket belongs to another user.", uid=uid)
