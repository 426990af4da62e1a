"""Diffs: which text is one, and its lines in the colours of what was added and removed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tasktui.ui.widgets.detail.line import Line, line

_HEADS = ("diff ", "index ", "--- ", "+++ ", "rename ", "new file", "deleted file", "similarity ")


def looks_like_diff(lines: Sequence[str]) -> bool:
    """Whether these are the lines of a unified diff."""
    signs = [text[:1] for text in lines[:40]]
    heads = any(text.startswith(("@@ ", "diff --git ", "--- ", "+++ ")) for text in lines[:40])
    return heads or ("-" in signs and "+" in signs and all(sign in "-+ \\@" for sign in signs))


def diff_role(text: str) -> str:
    """Return the role of one line of a diff."""
    if text.startswith(_HEADS):
        return "head"
    return {"+": "added", "-": "removed", "@": "hunk", "\\": "muted"}.get(text[:1], "plain")


def diff_lines(lines: Iterable[str], lead: str = "") -> list[Line]:
    """Return the lines of a diff, each after `lead`."""
    return [line((lead, "muted"), (text, diff_role(text)), hang=len(lead)) for text in lines]
