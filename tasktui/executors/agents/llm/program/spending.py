"""Tokens and money of a session, as the provider counts them and as its prices are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasktui.executors.agents.llm.program.wire import Json, Wire

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelResponse


class Spending:
    """The sums of one session."""

    def __init__(self, wire: Wire, session: str) -> None:
        self._wire = wire
        self._session = session
        self._tokens = (0, 0)
        self._cost = 0.0

    def tokens(self) -> tuple[int, int]:
        """Return how many went in and came out so far."""
        return self._tokens

    def since(self, before: tuple[int, int]) -> Json:
        """Return what was used since then, in the protocol's words."""
        into, out = (now - then for now, then in zip(self._tokens, before, strict=True))
        return {"inputTokens": into, "outputTokens": out, "totalTokens": into + out}

    def took(self, response: ModelResponse) -> None:
        """Count one answer of the model; tell its cost, and how full the context is, where that is known."""
        usage = response.usage
        self._tokens = (self._tokens[0] + usage.input_tokens, self._tokens[1] + usage.output_tokens)
        try:
            price = response.cost()
        except (LookupError, ValueError, AssertionError):
            return
        self._cost += float(price.total_price)
        if window := price.model.context_window:
            cost = {"amount": round(self._cost, 6), "currency": "USD"}
            used = usage.input_tokens + usage.output_tokens
            self._wire.update(self._session, "usage_update", used=used, size=window, cost=cost)
