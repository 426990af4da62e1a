"""What a question says and offers: since when it waits, its options and its context, read from their JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from tasktui.domain.clean import split_lines
from tasktui.domain.facts import Facts
from tasktui.ui.task_words import elapsed
from tasktui.ui.widgets.detail.clock import clock

if TYPE_CHECKING:
    from tasktui.domain.records import RequestRow
    from tasktui.domain.rows import UnixMs

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


def since_when(asked: RequestRow, now: UnixMs, *, settled: bool) -> list[str]:
    """Return which tool is wanted, since when that waits or when it was asked, and when it expires."""
    facts = [f"wants to use {asked.tool}"] if asked.tool else []
    if settled:
        return [*facts, f"asked at {clock(asked.requested_at)}"]
    facts.append(f"waits for you since {clock(asked.requested_at)} ({elapsed(now - asked.requested_at)})")
    if asked.expires_at is not None:
        facts.append(f"expires in {elapsed(asked.expires_at - now)}")
    return facts
