"""What an event says to a person: its parts, and how they are put together."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from tasktui.domain.facts import Facts

HEADLINE: Final = 400
"""Longest headline, characters."""


class Tone(StrEnum):
    """How an entry is meant, for its colour."""

    PLAIN = "plain"
    """Nothing special."""
    MUTED = "muted"
    """Book-keeping."""
    GOOD = "good"
    """Something went well."""
    BAD = "bad"
    """Something went wrong."""
    WARN = "warn"
    """Something wants a look."""
    ASK = "ask"
    """A person is waited for."""
    VOICE = "voice"
    """The task speaks."""
    PERSON = "person"
    """A person speaks."""


class Shown(NamedTuple):
    """What an event's data says."""

    glyph: str
    word: str
    headline: str
    tone: Tone = Tone.PLAIN
    detail: str = ""


Teller: TypeAlias = Callable[[Facts], Shown]
"""Tells the data of one event type; never raises."""


def phrase(*parts: str) -> str:
    """Return the parts that are not empty as one line."""
    return " · ".join(part for part in parts if part)


def labeled(label: str, value: str) -> str:
    """Return a value with a word before it, nothing for an empty one."""
    return f"{label} {value}" if value else ""


def more(text: str) -> str:
    """The whole text as detail, where the headline does not say it all."""
    return text if len(text) > HEADLINE or "\n" in text.strip() else ""


def listed(glyph: str, word: str, tone: Tone, *fields: str) -> Teller:
    """An event that is told by the values of some of its fields; `label=field` puts a word before one."""
    pairs = [field.rpartition("=")[::2] for field in fields]

    def shown(facts: Facts) -> Shown:
        parts = [
            labeled(label, facts.text(name)) if label else facts.text(name)
            for label, name in pairs
        ]  # fmt: skip
        return Shown(glyph, word, phrase(*parts), tone, more(facts.text(pairs[0][1])) if pairs else "")

    return shown
