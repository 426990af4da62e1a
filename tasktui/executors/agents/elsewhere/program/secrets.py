"""A token in what an agent says: JSON can spell it in many ways, of which bytes show only one."""

from __future__ import annotations

import json
from typing import Any


def plainly(line: bytes, secret: bytes, hidden: bytes) -> bytes:
    """Return a line that holds a secret, if at all, as its bytes.

    Args:
        line: of JSON, or of anything.
        secret: empty when there is none.
        hidden: what stands for a secret that is spelled with escapes.
    """
    if not secret or b"\\" not in line:
        return line
    try:
        message = json.loads(line.replace(secret, hidden))
        told = _without(message, secret.decode(), hidden.decode())
    except ValueError:
        return line
    except RecursionError:  # too deep to be looked through, and to be read by anybody
        return hidden
    return line if told == message else json.dumps(told).encode()


def _without(value: Any, secret: str, hidden: str) -> Any:
    if isinstance(value, str):
        return value.replace(secret, hidden)
    if isinstance(value, list):
        return [_without(part, secret, hidden) for part in value]
    if isinstance(value, dict):
        return {key.replace(secret, hidden): _without(part, secret, hidden) for key, part in value.items()}
    return value
