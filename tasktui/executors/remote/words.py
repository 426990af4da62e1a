"""What services that run agents tell, in the words of systems 000 and 002, as facts: pure, never raising.

Both vocabularies are read by one table: where they share a word, their fields have different names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from tasktui.domain.events import lifecycle, work
from tasktui.domain.events.base import Data
from tasktui.domain.facts import Facts
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.status import Reason, Status

CANCELED: Final = "Task cancelled"
"""The error by which system 002 tells of a cancel."""
GIB: Final = 1 << 30
_SILENT: Final = frozenset({"ping", "reconnected", "result", "intervention_sent"})
"""Words that say nothing, or what another one says as well."""
_CHATTED: Final = "chat"
"""Id of the message that pieces without an id belong to."""


class Words:
    """Reads what one run is told, in order."""

    def __init__(self, run: int = 1) -> None:
        self.outcome: Outcome | None = None
        """How the service said that the task ended."""
        self._run = run
        self._texts: dict[str, str] = {}
        self._calls: dict[str, str] = {}
        """Names of the open tool calls."""
        self._numbers = 0
        self._last = ""
        self._unknown: set[str] = set()

    def take(self, event: Facts) -> list[Data]:
        """Return the facts of one event."""
        kind = event.text("type")
        if event.broken or not kind:
            return self._strange("an event without a type")
        reader = self._READERS.get(kind)
        if reader is not None:
            return reader(self, event)
        return [] if kind in _SILENT else self._strange(kind)

    def close(self) -> list[Data]:
        """Return the messages that were not ended."""
        return [fact for card in list(self._texts) for fact in self._text_end(card)]

    def _strange(self, what: str) -> list[Data]:
        told: list[Data] = [work.RuntimeEvent(event=what)]
        if what not in self._unknown:
            self._unknown.add(what)
            said = f"The service said something unknown: {what}"
            told.append(lifecycle.TaskWarning(message=said, code="remote_unknown"))
        return told

    # --- messages

    def _text_start(self, event: Facts) -> list[Data]:
        card = event.text("card_id") or _CHATTED
        self._texts[card] = ""
        return [work.MessageStarted(message_id=self._name(card))]

    def _delta(self, event: Facts) -> list[Data]:
        card, text = event.text("card_id") or _CHATTED, event.text("text") or event.text("content")
        before = self._texts.get(card, "")
        self._texts[card] = before + text
        return [work.MessageDelta(message_id=self._name(card), delta=text, offset=len(before))]

    def _ended(self, event: Facts) -> list[Data]:
        return self._text_end(event.text("card_id") or _CHATTED)

    def _text_end(self, card: str, whole: str | None = None, reasoning: str | None = None) -> list[Data]:
        text = self._texts.pop(card, None) if whole is None else whole
        self._texts.pop(card, None)
        if not text and not reasoning:
            return []
        said = work.MessageCompleted(message_id=self._name(card), content=text or "", reasoning=reasoning)
        self._last = text or self._last
        if card == _CHATTED:
            self._numbers += 1
        return [said]

    def _name(self, card: str) -> str:
        return f"{card}-{self._run}-{self._numbers}" if card == _CHATTED else card

    def _message(self, event: Facts) -> list[Data]:
        message = event.record("message")
        facts = self._text_end(
            _CHATTED, message.text("content") or event.text("message"), message.text("reasoning") or None
        )
        usage = event.record("usage")
        into = usage.number("input_tokens") or usage.number("prompt_tokens")
        out = usage.number("output_tokens") or usage.number("completion_tokens")
        if into or out:
            facts.append(work.UsageTokens(input_tokens=max(0, into or 0), output_tokens=max(0, out or 0)))
        return facts

    # --- tools

    def _tool_start(self, event: Facts) -> list[Data]:
        name = event.text("tool_name") or event.text("tool") or "?"
        call_id = event.text("tool_use_id") or event.text("tool_call_id")
        if not call_id:
            self._numbers += 1
            call_id = f"call-{self._run}-{self._numbers}"
        self._calls[call_id] = name
        given = event.value("tool_input")
        told = _text(event.value("args") if given is None else given)
        parent = event.text("card_id") or None
        return [work.ToolStarted(call_id=call_id, name=name, input=told, parent_message_id=parent)]

    def _tool_result(self, event: Facts) -> list[Data]:
        name = event.text("tool_name") or event.text("tool") or "?"
        call_id = event.text("tool_use_id") or event.text("tool_call_id")
        if not call_id:
            same = [call for call, of in self._calls.items() if of == name]
            self._numbers += not same
            call_id = same[-1] if same else f"call-{self._run}-{self._numbers}"
        self._calls.pop(call_id, None)
        ok = not event.flag("is_error") and event.text("status") != "error"
        return [work.ToolCompleted(call_id=call_id, name=name, ok=ok, output=_text(event.value("result")))]

    # --- the end

    def _complete(self, event: Facts) -> list[Data]:
        result = _text(event.value("result")) or self._last
        self.outcome = Outcome(
            Status.COMPLETED, Reason.COMPLETED, event.text("type"), "service", result=result or None
        )
        return self.close()

    def _failed(self, event: Facts) -> list[Data]:
        error = event.text("message") or event.text("error") or "The service gave no reason."
        canceled = error == CANCELED
        self.outcome = Outcome(
            Status.CANCELED if canceled else Status.FAILED,
            Reason.CANCELED if canceled else Reason.ERROR,
            event.text("detail") or "error", "service",
            error=None if canceled else error, error_code=event.text("error_code") or None,
            result=self._last or None,
        )  # fmt: skip
        return self.close()

    _READERS: Final[Mapping[str, Callable[[Words, Facts], list[Data]]]] = {
        "progress": lambda _, e: [lifecycle.TaskStatus(message=e.text("text"))],
        "session": lambda _, e: [lifecycle.TaskLinked(session_id=e.text("session_id") or None)],
        "ack": lambda _, e: [
            lifecycle.TaskLinked(
                conversation_id=e.text("conversation_id") or None, turn_id=e.text("message_id") or None
            )
        ],
        "memory": lambda _, e: [
            work.UsageMemory(rss_bytes=_gib(e, "used_gb"), total_bytes=_gib(e, "total_gb") or None)
        ],
        "context_usage": lambda _, e: [
            work.UsageContext(
                used_tokens=max(0, e.number("used_tokens") or 0), max_tokens=e.number("max_tokens") or 0
            )
        ],
        "compact": lambda _, e: [
            work.ContextCompacted(trigger=e.text("trigger"), message=e.text("message"))
        ],
        "debug": lambda _, e: [lifecycle.Log(level="debug", message=e.text("message"))],
        "text_start": _text_start, "text_delta": _delta, "text_end": _ended, "text": _delta,
        "message": _message,
        "tool_start": _tool_start, "tool_call": _tool_start, "tool_result": _tool_result,
        "complete": _complete, "done": _complete, "error": _failed,
    }  # fmt: skip


def _gib(event: Facts, name: str) -> int:
    return round(min(max(event.real(name) or 0.0, 0.0), 1e9) * GIB)


def _text(value: object) -> str | None:
    """Return a value of JSON as a person reads it."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
