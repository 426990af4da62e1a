"""Diffs: which text is one, and its lines with their numbers in the colours of what was added and removed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from tasktui.ui.text import cut, fit
from tasktui.ui.widgets.detail.line import Line, line

CHANGE_ROLES: Final = ("head", "hunk", "added", "removed", "muted", "plain")
"""Roles of the lines of a diff."""
BESIDE: Final = 160
"""Cells from which on old and new stand side by side."""
_HEADS = ("diff ", "index ", "--- ", "+++ ", "rename ", "new file", "deleted file", "similarity ")
_HUNK: Final = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_GUTTER: Final = 5
"""Cells of a line number."""


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


def diff_lines(lines: Iterable[str], lead: str = "", width: int = 0) -> list[Line]:
    """Return the lines of a diff, each after `lead`; old and new side by side where `width` allows it."""
    rows = list(_numbered(lines))
    if width < BESIDE:
        return [_one(row, lead) for row in rows]
    half = (width - len(lead) - 3) // 2
    return [made for block in _blocks(rows) for made in _side_by_side(block, lead, half)]


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of a diff."""

    text: str
    role: str
    old: int | None = None
    """Its number in the old file; None where it is not in it."""
    new: int | None = None


@dataclass(slots=True)
class _Place:
    """Where in both files the hunk stands, and how much of it is still to come."""

    old: int = 0
    new: int = 0
    old_left: int = 0
    new_left: int = 0

    @property
    def inside(self) -> bool:
        return self.old_left > 0 or self.new_left > 0

    def begin(self, found: re.Match[str]) -> None:
        self.old, self.new = int(found[1]), int(found[3])
        self.old_left, self.new_left = int(found[2] or 1), int(found[4] or 1)

    def take(self, text: str) -> _Row:
        old = self.old if text[:1] != "+" else None
        new = self.new if text[:1] != "-" else None
        self.old, self.old_left = self.old + (old is not None), self.old_left - (old is not None)
        self.new, self.new_left = self.new + (new is not None), self.new_left - (new is not None)
        return _Row(text, {"+": "added", "-": "removed"}.get(text[:1], "plain"), old, new)


def _numbered(lines: Iterable[str]) -> Iterator[_Row]:
    """Number the lines of hunks; names of files stand once, with what was done to the file."""
    place, before = _Place(), ""
    for text in lines:
        if place.inside and text[:1] in {"+", "-", " ", ""}:
            yield place.take(text)
        elif found := _HUNK.match(text):
            place.begin(found)
            yield _Row(text, "hunk")
        elif text.startswith("--- ") and not place.inside:
            before = text[4:]
        elif text.startswith("+++ ") and before:
            yield _Row(_file(before, text[4:]), "head")
            before = ""
        else:
            yield _Row(text, diff_role(text))


def _file(before: str, after: str) -> str:
    old, new = (name.split("\t")[0].strip() for name in (before, after))
    if old == "/dev/null":
        return f"{new.removeprefix('b/')} (new)"
    if new == "/dev/null":
        return f"{old.removeprefix('a/')} (deleted)"
    same = old.removeprefix("a/") == new.removeprefix("b/")
    return new.removeprefix("b/") if same else f"{old.removeprefix('a/')} → {new.removeprefix('b/')}"


def _one(row: _Row, lead: str) -> Line:
    if row.old is None and row.new is None:
        return line((lead, "muted"), (row.text, row.role), hang=len(lead))
    numbers = _number(row.old) + _number(row.new)
    return line((lead + numbers, "muted"), (row.text or " ", row.role), hang=len(lead + numbers) + 1)


def _number(number: int | None) -> str:
    return f"{'' if number is None else number:>{_GUTTER - 1}} "


@dataclass(slots=True)
class _Block:
    """What was removed and what came in its place; or one other line."""

    removed: list[_Row] = field(default_factory=list)
    added: list[_Row] = field(default_factory=list)
    other: _Row | None = None


def _blocks(rows: Iterable[_Row]) -> Iterator[_Block]:
    block = _Block()
    for row in rows:
        if row.role == "removed" and not block.added:
            block.removed.append(row)
        elif row.role == "added":
            block.added.append(row)
        else:
            yield block
            block = _Block(removed=[row]) if row.role == "removed" else _Block(other=row)
            if block.other is not None:
                yield block
                block = _Block()
    yield block


def _side_by_side(block: _Block, lead: str, half: int) -> Iterator[Line]:
    if block.other is not None:
        row = block.other
        if row.old is None and row.new is None:
            yield _one(row, lead)
        else:
            yield _pair(row, row, lead, half)
        return
    for index in range(max(len(block.removed), len(block.added))):
        left = block.removed[index] if index < len(block.removed) else None
        right = block.added[index] if index < len(block.added) else None
        yield _pair(left, right, lead, half)


def _pair(left: _Row | None, right: _Row | None, lead: str, half: int) -> Line:
    room = half - _GUTTER
    return line(
        (lead, "muted"),
        (_number(left.old if left else None), "muted"),
        (fit(left.text, room) if left else " " * room, left.role if left else "plain"),
        (" │ ", "muted"),
        (_number(right.new if right else None), "muted"),
        (cut(right.text, room) if right else "", right.role if right else "plain"),
    )
