"""When a provider's limit ends: from the agent's own event, or from its words."""

from __future__ import annotations

import re
from typing import Any, Final

from tasktui.domain.facts import Facts

_AT: Final = re.compile(r"limit reached\|(\d{9,11})\b", re.IGNORECASE)
"""`Claude AI usage limit reached|1733356800`: seconds since the epoch."""
_RESETS: Final = re.compile(
    r"(?:limit|credits|quota)[^\n]*?\bresets?\s+(?:at\s+)?([^\n.·]{2,60})", re.IGNORECASE
)
"""`You've hit your limit · resets 3pm (Europe/London)`: in the agent's own zone, in words."""
_LIMIT: Final = re.compile(
    r"usage limit|hit your (?:\w+ )?limit|limit reached|rate.?limit|too many requests"
    r"|out of (?:extra )?usage",
    re.IGNORECASE,
)


class Limits:
    """What the agent said about its provider's limits."""

    def __init__(self) -> None:
        self._until: int | None = None
        self._rejected = False

    def told(self, info: Facts) -> None:
        """Take the agent's own event about a limit."""
        self._rejected = info.text("status") == "rejected"
        self._until = info.number("resetsAt")

    def of_error(self, text: str, status: int | None) -> dict[str, Any] | None:
        """Return what is known of the limit that an error tells of; None when it tells of none.

        `resets_at` is in milliseconds since the epoch, `resets` the agent's own words.
        """
        if not (self._rejected or status == 429 or _LIMIT.search(text)):
            return None
        found, words = _AT.search(text), _RESETS.search(text)
        until_s = int(found.group(1)) if found else self._until
        limit: dict[str, Any] = {}
        if until_s is not None:
            limit["resets_at"] = until_s * 1000
        if words is not None:
            limit["resets"] = words.group(1).strip()
        return limit
