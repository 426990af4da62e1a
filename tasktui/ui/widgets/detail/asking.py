"""What a waiting question offers: its options and its context, read from their JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from tasktui.domain.clean import split_lines
from tasktui.domain.facts import Facts

if TYPE_CHECKING:
    from tasktui.domain.records import RequestRow

_DIFF: Final = "diff"
_WORDS: Final = {"cwd": "where"}
"""What a person reads for a name of ours."""


def options_of(asked: RequestRow) -> list[str]:
    """Return the words that are offered."""
    try:
        found = json.loads(asked.options or "[]")
    except (ValueError, RecursionError):
        return []
    return [word for word in found if isinstance(word, str)] if isinstance(found, list) else []


def context_of(asked: RequestRow) -> list[tuple[str, str]]:
    """Return what was said about the question, each under its name: where first, but for the diff."""
    facts = Facts(asked.context)
    names = sorted((name for name in facts.names() if name != _DIFF), key=lambda name: name != "cwd")
    return [(_WORDS.get(name, name), facts.text(name) or facts.pretty(name)) for name in names]


def diff_of(asked: RequestRow) -> list[str]:
    """Return the lines of what it would change, none where nothing was said of that."""
    return split_lines(Facts(asked.context).text(_DIFF))


def place_of(asked: RequestRow) -> str:
    """Return the directory in which it would run, where that was said."""
    return Facts(asked.context).text("cwd")
