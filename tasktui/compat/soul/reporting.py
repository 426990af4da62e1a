"""What a runner of system 000 tells, its dicts, as facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

from tasktui.compat.adapters import OpenCalls
from tasktui.compat.soul.tasks import ENDS, GIB, OUTPUT
from tasktui.compat.values import as_text
from tasktui.domain.events import lifecycle, work
from tasktui.domain.events.base import Data
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.status import Reason, Status

INPUT_CHARS: Final = 2_000
"""Of a tool's input, what is told."""
TOKENS: Final = 200_000
"""The window of a model that is not told of."""
_FOLLOW: Final = frozenset({*ENDS, "result", "intervention_sent", "reconnected"})
"""What follows from facts that the manager has anyway: the end, a delivery, the row."""


class Reporting:
    """Reads what one task's runner tells; a text is one message when it has ended."""

    def __init__(self) -> None:
        self._cards: dict[str, str] = {}
        self._calls = OpenCalls()
        self.session_id: str | None = None
        """Under which session the runner said that it works."""

    def facts(self, event: Mapping[str, Any]) -> tuple[Data, ...]:
        """Return the facts of one event; an end has none, for it is the end of the run.

        What is not as 000 has it becomes a warning, for a slip in a figure ends no work.
        """
        readers: dict[str, Callable[[Mapping[str, Any]], Data | None]] = {
            "progress": lambda e: lifecycle.TaskStatus(message=str(e.get("text", ""))),
            "session": self._session, "memory": _memory, "context_usage": _context, "compact": _compact,
            "debug": lambda e: lifecycle.Log(level="debug", message=str(e.get("message", ""))),
            "text_start": self._text_start, "text_delta": self._text_delta, "text_end": self._text_end,
            "tool_start": self._tool_start, "tool_result": self._tool_result,
        }  # fmt: skip
        kind = str(event.get("type"))
        if kind in _FOLLOW:
            return ()
        try:
            fact = readers.get(kind, _other)(event)
        except (TypeError, ValueError, OverflowError) as exc:
            said = f"An event of the runner is not as it should be: {kind}: {exc}"
            fact = lifecycle.TaskWarning(message=said, code="BAD_EVENT")
        return () if fact is None else (fact,)

    def rest(self) -> tuple[Data, ...]:
        """Return the messages that were not ended."""
        return tuple(fact for card in list(self._cards) if (fact := self._text_end({"card_id": card})))

    def _session(self, event: Mapping[str, Any]) -> Data:
        self.session_id = event.get("session_id")
        return lifecycle.TaskLinked(session_id=self.session_id, pid=event.get("pid"))

    def _text_start(self, event: Mapping[str, Any]) -> Data:
        card = str(event.get("card_id"))
        self._cards[card] = ""
        return work.MessageStarted(message_id=card)

    def _text_delta(self, event: Mapping[str, Any]) -> Data:
        card, text = str(event.get("card_id")), str(event.get("text", ""))
        before = self._cards.get(card, "")
        self._cards[card] = before + text
        return work.MessageDelta(message_id=card, delta=text, offset=len(before))

    def _text_end(self, event: Mapping[str, Any]) -> Data | None:
        card = str(event.get("card_id"))
        text = self._cards.pop(card, None)
        return None if text is None else work.MessageCompleted(message_id=card, content=text)

    def _tool_start(self, event: Mapping[str, Any]) -> Data:
        name = str(event.get("tool_name", "?"))
        call_id = self._calls.start(str(event.get("tool_use_id") or f"call_{token_hex(6)}"), name)
        told = (as_text(event.get("tool_input")) or "")[:INPUT_CHARS]
        return work.ToolStarted(
            call_id=call_id, name=name, input=told, parent_message_id=event.get("card_id")
        )

    def _tool_result(self, event: Mapping[str, Any]) -> Data:
        name = str(event.get("tool_name", "?"))
        call_id = self._calls.end(event.get("tool_use_id"), name) or f"call_{token_hex(6)}"
        return work.ToolCompleted(
            call_id=call_id, name=name, ok=not event.get("is_error"), output=as_text(event.get("result")),
            metadata={"card_id": event.get("card_id")},
        )  # fmt: skip


def _memory(event: Mapping[str, Any]) -> Data:
    # to numbers first: a text times a gibibyte is a text of gibibytes
    used, total = float(event.get("used_gb", 0)), float(event.get("total_gb", 0))
    return work.UsageMemory(rss_bytes=round(used * GIB), total_bytes=round(total * GIB))


def _context(event: Mapping[str, Any]) -> Data:
    return work.UsageContext(
        used_tokens=event.get("used_tokens", 0), max_tokens=event.get("max_tokens", TOKENS)
    )


def _compact(event: Mapping[str, Any]) -> Data:
    return work.ContextCompacted(trigger=str(event.get("trigger", "")), message=str(event.get("message", "")))


def _other(event: Mapping[str, Any]) -> Data:
    named = {key: value for key, value in event.items() if key != "_event_id"}
    return work.RuntimeEvent(event=str(event.get("type")), summary=as_text(named) or "")


def outcome_of(event: Mapping[str, Any]) -> Outcome | None:
    """Return how a run ends whose runner tells this; None when it goes on."""
    if event.get("type") == "complete":
        text = as_text(event.get("result")) or ""
        return Outcome(Status.COMPLETED, Reason.COMPLETED, "the runner completed", "caller", result=text)
    if event.get("type") == "error":
        text, code = str(event.get("message") or "error"), event.get("error_code")
        return Outcome(
            Status.FAILED, Reason.ERROR, "the runner told of an error", "caller", error=text, error_code=code
        )
    return None


def attachments_of(event: Mapping[str, Any]) -> tuple[Data, ...]:
    """Return the files that a completed run names."""
    paths = [Path(str(path)) for path in event.get("attachments") or ()] if event.get("type") in ENDS else []
    return tuple(
        work.ArtifactAdded(
            artifact_id=f"output_{number}", label=path.name, path=path.name, root=str(path.parent),
            role=OUTPUT, source="executor",
        )
        for number, path in enumerate(paths)
    )  # fmt: skip
