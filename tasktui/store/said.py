"""What of an event the full-text index holds: its source and its text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

_ROUND: Final = 40
"""Characters of an excerpt before the place, and twice as many after."""

INDEXED: Final[dict[str, str]] = {
    "task.created": "prompt",
    "message.completed": "message",
    "intervention.queued": "message",
    "tool.started": "tool",
    "tool.completed": "tool",
    "task.finished": "result",
}
"""The `source` of a hit by the type of its event; other events are not searched."""


def _joined(*parts: str | None) -> str:
    return "\n".join(part for part in parts if part)


def prompt_of(spec: dict[str, Any]) -> str:
    """Return the prompt or the command of a stored spec."""
    work = spec.get("work", {})
    return _joined(
        work.get("prompt"), work.get("command"), " ".join(work.get("argv") or ()), work.get("function")
    )


_TEXTS: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    "task.created": lambda data: _joined(data.get("title"), prompt_of(data["spec"])),
    "message.completed": lambda data: _joined(data.get("content"), data.get("reasoning")),
    "intervention.queued": lambda data: data["text"],
    "tool.started": lambda data: _joined(data["name"], data.get("input")),
    "tool.completed": lambda data: _joined(data.get("output"), data.get("diff")),
    "task.finished": lambda data: _joined(
        data.get("result_inline") or data.get("result_summary"), data.get("error")
    ),
}


def text_of(event_type: str, data: bytes) -> str:
    """Return the searchable text of a stored event, empty when there is none."""
    make = _TEXTS.get(event_type)
    return make(json.loads(data)) if make is not None else ""


def excerpt(text: str, needle: str) -> str:
    """Return one line of the text around the first place where the needle stands."""
    at = max(0, text.lower().find(needle.lower()))
    start, end = max(0, at - _ROUND), at + len(needle) + 2 * _ROUND
    line = " ".join(text[start:end].split())
    return f"{'…' if start else ''}{line}{'…' if end < len(text) else ''}"
