"""The mode that an agent is put into before its first prompt: in which it asks, or one that was named."""

from __future__ import annotations

from typing import TypeAlias

from tasktui.domain.events.lifecycle import TaskWarning
from tasktui.domain.facts import Facts
from tasktui.executors.agents.acp.choice import Choice, Wish, warning
from tasktui.executors.agents.policy import asks_nobody
from tasktui.executors.agents.start import Start

Wished: TypeAlias = list[Wish | TaskWarning]


class Modes:
    """The wishes of one session for its mode."""

    def __init__(self, start: Start, result: Facts) -> None:
        """Take the task, and the answer that began the session."""
        self._start = start
        self._choice = Choice("mode", result)
        self._named: Wish | None = None
        """The wish for the mode that the person named."""
        self._asks: Wish | None = None
        """The wish for the mode in which the agent asks."""
        self.unsafe = ""
        """Why the agent cannot be held to ask, as a sentence; empty when nothing is known against it."""

    def wishes(self) -> Wished:
        """Return what to wish first."""
        wanted = self._start.agent_mode
        if self._start.rules.policy != "allow" and (asks_nobody(wanted) or asks_nobody(self._start.mode)):
            text = f"The mode {wanted} needs a task that may allow everything: the agent asks as usual."
            return [warning(text), *self._asking()]
        if wanted == self._start.asking_mode:
            return self._asking()
        if wanted is None or wanted == self._choice.current:
            return []
        self._named = self._choice.wish(wanted)
        lack = f"{self._choice.lack(wanted)} {self._choice.offer()}"
        return [self._named] if self._named else self._instead(lack)

    def refused(self, method: str, asked: Facts, text: str) -> Wished:
        """Return what to wish or to warn of when the agent refused a wish, of these or another."""
        if self._named is not None and self._named.is_said_by(method, asked):
            return self._instead(text)
        if self._asks is not None and self._asks.is_said_by(method, asked):
            return self._without(text, text)
        return [warning(text)]

    def _instead(self, text: str) -> Wished:
        """Fall back on the mode in which it asks: in its own it may let calls pass that a person feared."""
        asking, wished = self._start.asking_mode, self._asking()
        if self._asks or asking == self._choice.current:
            text = f"{_whole(text)} It works in the mode {asking} instead."
        return [warning(text), *wished]

    def _asking(self) -> Wished:
        """Return the wish for the mode in which it asks; an agent that has no modes lacks nothing."""
        wanted = self._start.asking_mode
        if wanted is None or wanted == self._choice.current or not self._choice.there:
            return []
        self._asks = self._choice.wish(wanted)
        lack = self._choice.lack(wanted)
        return [self._asks] if self._asks else self._without(lack, f"{lack} {self._choice.offer()}")

    def _without(self, why: str, told: str) -> Wished:
        """Take that it cannot be put into the mode in which it asks; a task that allows all is only told."""
        if self._start.rules.policy == "allow":
            return [warning(told)]
        asking, agent = self._start.asking_mode, self._start.preset.name
        self.unsafe = (
            f"{_whole(why)} tasktui wants it in the mode {asking}, in which it asks before it acts."
            f" {self._choice.offer()} Name a mode for this task by --mode NAME, or the one in which it asks"
            f" as modes.agent under [agents.{agent}] in the settings."
        )
        return []


def _whole(words: str) -> str:
    """Return an agent's words so that a sentence can follow."""
    return words if words.endswith((".", "!", "?")) else f"{words}."
