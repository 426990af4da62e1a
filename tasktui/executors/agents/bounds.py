"""Keeps what an agent asks within what a timeline holds: a request too large for a row would be lost."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Final

NAME: Final = 200
"""Of a name; bytes of JSON, as all of these."""
SUBJECT: Final = 8_000
"""Of what a tool would run or touch."""
DETAIL: Final = 24_000
"""Of a diff or an input that goes with a question."""


def cut(text: str, most: int) -> str:
    """Return a text that is no longer than so as JSON, but for a mark of what is missing.

    The mark names the whole by its digest: a decision that is kept for words like these is not taken for
    others that begin alike.
    """
    if len(text) <= most and _weight(text) <= most:
        return text
    head = text[:most]
    while (weight := _weight(head)) > most:
        head = head[: len(head) * most // weight]
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{head}… ({len(text):,} characters in all, sha256 {digest})"


def _weight(text: str) -> int:
    return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogatepass"))
