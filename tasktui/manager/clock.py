"""The real clock and the real source of names."""

from __future__ import annotations

import secrets
import time

from tasktui.domain.rows import UnixMs


class SystemClock:
    """The `Clock` of this machine."""

    def now(self) -> UnixMs:
        """Return the wall time; it may jump."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        return time.monotonic()


class RandomIds:
    """The `Ids` that nobody can guess or repeat."""

    def task(self) -> str:
        """Return `task_` and 16 hex digits."""
        return f"task_{secrets.token_hex(8)}"

    def other(self, prefix: str) -> str:
        """Return the prefix and 8 hex digits."""
        return f"{prefix}{secrets.token_hex(4)}"

    def mark(self) -> str:
        """Return 32 hex digits that no other run has."""
        return secrets.token_hex(16)
