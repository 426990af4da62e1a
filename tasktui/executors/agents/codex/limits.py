"""When a limit of Codex's provider ends: told ahead by the server, and by what sort of error ends a turn."""

from __future__ import annotations

from typing import Any, Final

from tasktui.domain.facts import Facts

_SORTS: Final = {
    "usageLimitExceeded": "agent_limit", "rateLimitExceeded": "agent_limit", "unauthorized": "agent_login",
}  # fmt: skip
_WINDOWS: Final = ("primary", "secondary")


class Limits:
    """What the server said about the windows of its provider; an update leaves out what it does not know."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, str], Facts] = {}

    def told(self, limits: Facts) -> None:
        """Take an update."""
        for name in _WINDOWS:
            window = limits.record(name)
            if window.names():
                self._windows[limits.text("limitId"), name] = window

    def of_error(self, code: str | None) -> dict[str, Any] | None:
        """Return what is known of the limit, where an error of this code is one."""
        if code != "agent_limit":
            return None
        full = [window for window in self._windows.values() if (window.number("usedPercent") or 0) >= 100]
        ends = [seconds for window in full if (seconds := window.number("resetsAt")) is not None]
        return {"resets_at": max(ends) * 1000} if ends else {}


def code_of(error: Facts) -> str | None:
    """Return the sort of failure that the server names, where a person can do something about it."""
    return _SORTS.get(error.text("codexErrorInfo"))
