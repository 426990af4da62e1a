"""What a run of Claude Code used: live while it works, from its results when a turn is over."""

from __future__ import annotations

from typing import Any

from tasktui.domain.events.base import Data
from tasktui.domain.events.work import UsageContext, UsageTokens
from tasktui.domain.facts import Facts


class Usage:
    """Tokens and money of one run; a session that is taken up again does not bring its former ones."""

    def __init__(self) -> None:
        self._done = Tally()
        """Of the turns that are over."""
        self._turn = Tally()
        """Of the messages of this turn that are over."""
        self._message = Tally()
        self._cost = 0.0
        self._models: dict[str, Any] = {}
        self._window = 0

    def begun(self, usage: Facts) -> None:
        """Take the begin of a message of the model."""
        self._turn = self._turn.plus(self._message)
        self._message = Tally.of(usage)

    def went_on(self, usage: Facts) -> list[Data]:
        """Take the count at the end of a message: what it gives replaces what was known at its begin."""
        found = Tally.of(usage)
        self._message = Tally(found.into or self._message.into, found.out or self._message.out)
        return self._told()

    def over(self, result: Facts) -> list[Data]:
        """Take the count of a turn."""
        since = result.record("model_usage_since_last_result")
        turn = Tally.of_models(since) if since.names() else Tally.of(result.record("usage"))
        if not result.record("modelUsage").names():
            self._done = Tally()  # Qwen Code counts from the begin of the session
        context = self._message.into + self._message.out
        self._done = self._done.plus(turn)
        self._turn = self._message = Tally()
        self._count_cost(result)
        facts = self._told()
        if self._window and context:
            facts.append(UsageContext(used_tokens=context, max_tokens=self._window))
        return facts

    def _count_cost(self, result: Facts) -> None:
        since = result.record("model_usage_since_last_result")
        models = since if since.names() else result.record("modelUsage")
        for name in models.names():
            self._window = max(self._window, models.record(name).number("contextWindow") or 0)
        if since.names():
            self._cost += sum(since.record(name).real("costUSD") or 0.0 for name in since.names())
        else:
            self._cost = max(self._cost, result.real("total_cost_usd") or 0.0)
        self._models.update(dict.fromkeys(models.names()))

    def _told(self) -> list[Data]:
        tally = self._done.plus(self._turn).plus(self._message)
        return [
            UsageTokens(
                input_tokens=tally.into, output_tokens=tally.out, cost_usd=round(self._cost, 6) or None
            ),
        ]

    def as_record(self) -> dict[str, Any]:
        """Return what was used in all."""
        used: dict[str, Any] = {"input_tokens": self._done.into, "output_tokens": self._done.out}
        if self._cost:
            used["cost_usd"] = round(self._cost, 6)
        if self._models:
            used["models"] = list(self._models)
        return used


class Tally:
    """Tokens that went in, those of the cache among them, and that came out."""

    __slots__ = ("into", "out")

    def __init__(self, into: int = 0, out: int = 0) -> None:
        self.into = into
        self.out = out

    @classmethod
    def of(cls, usage: Facts) -> Tally:
        """Read the model's own count."""
        names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        return cls(sum(usage.number(name) or 0 for name in names), usage.number("output_tokens") or 0)

    @classmethod
    def of_models(cls, models: Facts) -> Tally:
        """Read the agent's count by model, which holds those that it called."""
        into = ("inputTokens", "cacheCreationInputTokens", "cacheReadInputTokens")
        records = [models.record(name) for name in models.names()]
        return cls(
            sum(record.number(name) or 0 for record in records for name in into),
            sum(record.number("outputTokens") or 0 for record in records),
        )

    def plus(self, other: Tally) -> Tally:
        """Return both together."""
        return Tally(self.into + other.into, self.out + other.out)
