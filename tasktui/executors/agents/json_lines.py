"""Requests and answers as JSON objects, one a line: JSON-RPC, with its version or, as Codex, without."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from tasktui.domain.facts import Facts
from tasktui.executors.agents.dialogue import Say

Id: TypeAlias = int | str
METHOD_NOT_FOUND: Final = -32601


class Calls:
    """Our requests that have no answer yet; their numbers follow from what was said alone."""

    def __init__(self, head: Mapping[str, Any]) -> None:
        """Take what every message begins with: `{"jsonrpc": "2.0"}`, or nothing."""
        self._head = dict(head)
        self._next = 1
        self._pending: dict[int, tuple[str, Facts]] = {}

    def request(self, method: str, params: Mapping[str, Any], *, delivery: str | None = None) -> Say:
        """Return a request, with the next number."""
        number, self._next = self._next, self._next + 1
        return self._say({"id": number, "method": method, "params": params}, delivery)

    def notify(self, method: str, params: Mapping[str, Any] | None = None) -> Say:
        """Return a message that has no answer."""
        return self._say({"method": method} | ({"params": params} if params is not None else {}))

    def answer(self, number: Id, result: Mapping[str, Any]) -> Say:
        """Return the answer to a request of the agent."""
        return self._say({"id": number, "result": result})

    def refuse(self, number: Id, why: str) -> Say:
        """Return the answer to a request that we do not know."""
        return self._say({"id": number, "error": {"code": METHOD_NOT_FOUND, "message": why}})

    def said(self, line: bytes) -> Facts:
        """Take note of a line that was said; return its fields."""
        facts = Facts(line)
        number = facts.number("id")
        if number is not None and facts.text("method"):
            self._next = max(self._next, number + 1)
            self._pending[number] = (facts.text("method"), facts.record("params"))
        return facts

    def answered(self, facts: Facts) -> tuple[str, Facts]:
        """Return which request an answer belongs to and what that asked; an empty method when none."""
        number = facts.number("id")
        return self._pending.pop(number, ("", Facts.of({}))) if number is not None else ("", Facts.of({}))

    def waiting(self, method: str) -> int:
        """Return how many requests of a method have no answer yet."""
        return sum(name == method for name, _ in self._pending.values())

    def _say(self, message: Mapping[str, Any], delivery: str | None = None) -> Say:
        text = json.dumps({**self._head, **message}, ensure_ascii=False, separators=(",", ":"))
        return Say(text.encode("utf-8", "surrogatepass"), delivery)


def id_of(line: Facts, raw: bytes) -> Id | None:
    """Return the id of the agent's request as it was: a number or a text."""
    number = line.number("id")
    if number is not None and not isinstance(json.loads(raw).get("id"), str):
        return number
    return line.text("id") or None
