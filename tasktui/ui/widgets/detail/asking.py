"""What a waiting question offers: its options and its context, read from their JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tasktui.domain.facts import Facts

if TYPE_CHECKING:
    from tasktui.domain.records import RequestRow


def options_of(asked: RequestRow) -> list[str]:
    """Return the words that are offered."""
    try:
        found = json.loads(asked.options or "[]")
    except (ValueError, RecursionError):
        return []
    return [word for word in found if isinstance(word, str)] if isinstance(found, list) else []


def context_of(asked: RequestRow) -> list[tuple[str, str]]:
    """Return what was said about the question, each under its name."""
    facts = Facts(asked.context)
    return [(name, facts.text(name) or facts.pretty(name)) for name in facts.names()]
