"""What a unified diff changes, in numbers."""

from __future__ import annotations

import re
from typing import Final

_HUNK: Final = re.compile(r"@@ -\d{1,9}(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@")


def counted(diff: str) -> tuple[int, int]:
    """Return how many lines a diff adds and removes; names of files are none of them."""
    added = removed = old = new = 0
    for line in diff.split("\n"):
        if found := _HUNK.match(line) if old <= 0 and new <= 0 else None:
            old, new = int(found[1] or 1), int(found[2] or 1)
        elif line.startswith("+") and (new > 0 or not line.startswith("+++ ")):
            added, new = added + 1, new - 1
        elif line.startswith("-") and (old > 0 or not line.startswith("--- ")):
            removed, old = removed + 1, old - 1
        elif not line.startswith("\\"):
            old, new = old - 1, new - 1
    return added, removed


def told(added: int | None, removed: int | None) -> str:
    """Return it as `+6 −2`; empty where nothing is known."""
    return "" if added is None and removed is None else f"+{added or 0} −{removed or 0}"
