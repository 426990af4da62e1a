"""The tool calls of an agent: known by their id wherever they are told of, begun once, ended once."""

from __future__ import annotations

import re
from typing import Final

from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskWarning
from tasktui.domain.events.work import ToolCompleted, ToolProgress, ToolStarted
from tasktui.domain.facts import Facts
from tasktui.executors.agents.acp.checklist import Checklist
from tasktui.executors.agents.acp.tool_call import Call
from tasktui.executors.agents.bounds import NAME, SUBJECT, cut
from tasktui.executors.agents.start import Start

_ENDED: Final = frozenset({"completed", "failed", "cancelled", "canceled"})
_STOPPED: Final = re.compile(r"cancel|abort|interrupt", re.IGNORECASE)
"""Agents call a tool completed that a cancel ended, and say so in its output."""
_SHORT: Final = 500
"""Characters of an output in which those words are looked for."""


class Tools:
    """The calls of one run."""

    def __init__(self, start: Start, checklist: Checklist) -> None:
        self._start = start
        self._checklist = checklist
        self._open: dict[str, Call] = {}
        self._ended: set[str] = set()
        self._warned = False
        self.turn = 0
        """How many prompts have been said."""
        self.canceling = False
        """Whether a cancel was said that the agent has not answered yet."""

    def forget(self, update: Facts) -> None:
        """Pass over a call of the session's history."""
        self._ended.add(_id_of(update))

    def told(self, update: Facts, *, first: bool) -> list[Data]:
        """Take what the agent says of a call.

        Args:
            update: the fields that it tells.
            first: whether it is a `tool_call`, which some agents send before they know the input.
        """
        call = self._merged(update)
        if call is None:
            return []
        facts: list[Data] = [*self._checklist.noted(call)]
        if not first or call.status != "pending" or call.has_subject():
            facts += self._announce(call)
        return [*facts, *(self._end(call) if call.status in _ENDED else _progress(call))]

    def asked(self, update: Facts) -> tuple[Call, list[Data]]:
        """Take a permission question about a call; return what is known of it, and its begin."""
        call = self._merged(update) or Call(_id_of(update), self.turn)
        call.asked = True
        return call, self._announce(call)

    def _merged(self, update: Facts) -> Call | None:
        call_id = _id_of(update)
        if not call_id or call_id in self._ended:
            return None
        call = self._open.setdefault(call_id, Call(call_id, self.turn))
        call.merge(update)
        return call

    def _announce(self, call: Call) -> list[Data]:
        if call.announced or call.call_id not in self._open:
            return []
        call.announced = True
        subject = cut(call.subject(), SUBJECT) or None
        return [
            ToolStarted(call_id=call.call_id, name=cut(call.tool, NAME), input=subject, kind=call.kind)
        ]  # fmt: skip

    def _end(self, call: Call) -> list[Data]:
        output = call.output()
        stopped = self._is_stopping(call) and (
            call.status != "completed" or bool(_STOPPED.search((output or "")[:_SHORT]))
        )
        canceled = stopped or call.status.startswith("cancel")
        ok = call.status == "completed" and not canceled
        return [*self._unasked(call, ok=ok), *self._completed(call, output, ok=ok, canceled=canceled)]

    def _is_stopping(self, call: Call) -> bool:
        """Tell whether the agent is stopping a call: for a cancel, or for a message that interrupts it."""
        interrupts = self._start.preset.intervene == "interrupt"
        return self.canceling or (interrupts and call.turn < self.turn)

    def _completed(self, call: Call, output: str | None, *, ok: bool, canceled: bool) -> list[Data]:
        begin = self._announce(call)
        del self._open[call.call_id]
        self._ended.add(call.call_id)
        return [
            *begin,
            ToolCompleted(
                call_id=call.call_id,
                ok=ok,
                name=cut(call.tool, NAME),
                output=output,
                diff=call.diff(self._start.place) if ok else None,
                canceled=canceled,
                metadata={"exit_code": call.exit_code} if call.exit_code is not None else None,
            ),
        ]

    def _unasked(self, call: Call, *, ok: bool) -> list[Data]:
        """Warn once of an agent that does without a question what the task denies."""
        forbidden = self._start.rules.decide(call.tool, call.kind, call.subject()) is False
        if not ok or call.asked or self._warned or not forbidden:
            return []
        self._warned = True
        text = f"The agent did not ask before it ran what this task denies: {cut(call.summary(), SUBJECT)}"
        return [TaskWarning(message=text, code="agent_unasked")]

    def close(self, *, canceled: bool, turn: int | None = None) -> list[Data]:
        """End what is open: the agent said nothing of its end.

        Args:
            canceled: whether it was stopped.
            turn: only calls that began with this many prompts or fewer; all when None.
        """
        calls = [call for call in self._open.values() if turn is None or call.turn <= turn]
        facts: list[Data] = []
        for call in calls:
            stopped = canceled and not call.denied
            why = "Permission was denied." if call.denied else "The agent did not say how this ended."
            output = call.output() or (None if stopped else why)
            facts += self._completed(call, output, ok=False, canceled=stopped)
        return facts


def _id_of(update: Facts) -> str:
    return cut(update.text("toolCallId"), NAME)


def _progress(call: Call) -> list[Data]:
    news = call.news()
    return [ToolProgress(call_id=call.call_id, text=news)] if news and call.announced else []
