"""A token in what an agent says: JSON spells letters in many ways, and JSON within JSON in more."""

from __future__ import annotations

import re
from typing import Final

DEEPEST: Final = 15
"""Backslashes before a letter that is escaped in a text in a text in a text in a text."""


def spellings(secret: str) -> re.Pattern[bytes]:
    """Return what finds a token in a line, of JSON or of anything, however its letters are escaped."""
    letters = [bytes([code]) for code in secret.encode()]
    # the first letter is looked for alone: it makes the search of a long line four times as fast
    begin = b"(?=[\\\\%b])" % re.escape(letters[0])
    return re.compile(begin + b"".join(map(_spelled, letters)))


def _spelled(letter: bytes) -> bytes:
    number = b"\\\\{1,%d}u00(?i:%02x)" % (DEEPEST, ord(letter))
    return b"(?:%b|\\\\{0,%d}%b)" % (number, DEEPEST, re.escape(letter))  # of a u the number first
