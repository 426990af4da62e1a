"""Tokens and money of a run: each prompt's answer tells its tokens, updates tell what the session costs."""

from __future__ import annotations

from typing import Any, Final

from tasktui.domain.events.base import Data
from tasktui.domain.events.work import UsageTokens
from tasktui.domain.facts import Facts

MOST: Final = 1 << 53
"""No count is larger; a database takes no number of any size."""


def counted(number: int | None) -> int:
    """Return a count as it may be kept."""
    return max(0, min(number or 0, MOST))


class Usage:
    """The sums of one run."""

    def __init__(self) -> None:
        self._input = 0
        self._output = 0
        self._cost: float | None = None
        self._piecewise = False
        """Whether the agent tells its tokens with its last words to each answer of the model."""

    def spoken(self, update: Facts) -> list[Data]:
        """Add what comes with a piece of a message, as Qwen Code tells it."""
        spent = update.record("_meta").record("usage")
        if not spent.names():
            return []
        self._piecewise = True
        return self._add(spent)

    def answered(self, result: Facts) -> list[Data]:
        """Add what the answer to a prompt tells: in its usage, or, as Gemini CLI, in its quota."""
        usage, quota = result.record("usage"), result.record("_meta").record("quota").record("token_count")
        spent = usage if usage.names() else quota
        return self._add(spent) if spent.names() and not self._piecewise else []

    def _add(self, spent: Facts) -> list[Data]:
        taken = spent.number("inputTokens") or spent.number("input_tokens")
        given = spent.number("outputTokens") or spent.number("output_tokens")
        self._input = counted(self._input + counted(taken))
        self._output = counted(self._output + counted(given))
        return self._told()

    def cost(self, cost: Facts) -> list[Data]:
        """Take what the session costs so far; only dollars are counted."""
        amount = cost.real("amount")
        if amount is None or cost.text("currency") not in {"USD", ""}:
            return []
        self._cost = amount
        return self._told()

    def _told(self) -> list[Data]:
        return [UsageTokens(input_tokens=self._input, output_tokens=self._output, cost_usd=self._cost)]

    def whole(self) -> dict[str, Any] | None:
        """Return the sums, None when the agent told none."""
        if not self._input and not self._output and self._cost is None:
            return None
        cost = {"cost_usd": self._cost} if self._cost is not None else {}
        return {"input_tokens": self._input, "output_tokens": self._output, **cost}
