"""Unified diffs of what an agent changes, from the texts before and after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import unified_diff
from typing import Final

MAX_COMPARED: Final = 20_000
"""Lines of both texts together that are compared; beyond, the one is shown as replaced by the other."""


def unified(path: str, before: str, after: str) -> str:
    """Return the diff of one file; empty when nothing changes."""
    old, new = before.splitlines(), after.splitlines()
    if old == new:
        return ""
    names = (f"a/{path.lstrip('/')}" if old else "/dev/null", f"b/{path.lstrip('/')}" if new else "/dev/null")
    if len(old) + len(new) > MAX_COMPARED:
        hunk = f"@@ -{_span(len(old))} +{_span(len(new))} @@"
        return _joined(names, [hunk, *(f"-{line}" for line in old), *(f"+{line}" for line in new)])
    return "\n".join(unified_diff(old, new, *names, lineterm=""))


def patched(path: str, hunks: Iterable[tuple[str, Sequence[str]]]) -> str:
    """Return the diff of one file from hunks: where each lies (`-1,2 +1,3`), and its signed lines."""
    lines = [line for where, body in hunks for line in (f"@@ {where} @@", *body)]
    return _joined((f"a/{path.lstrip('/')}", f"b/{path.lstrip('/')}"), lines) if lines else ""


def _span(count: int) -> str:
    return f"1,{count}" if count else "0,0"


def _joined(names: tuple[str, str], lines: Sequence[str]) -> str:
    return "\n".join([f"--- {names[0]}", f"+++ {names[1]}", *lines])
