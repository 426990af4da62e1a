"""Which text is a unified diff, and its rows: what each does, its numbers in both files, its language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tasktui.ui.widgets.detail.code import language_of

_HEADS = ("diff ", "index ", "--- ", "+++ ", "rename ", "new file", "deleted file", "similarity ")
_HUNK: Final = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")


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


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a diff."""

    text: str
    role: str
    old: int | None = None
    """Its number in the old file; None where it is not in it."""
    new: int | None = None
    language: str = ""
    """Of the file, where it is known."""


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

    def take(self, text: str) -> Row:
        old = self.old if text[:1] != "+" else None
        new = self.new if text[:1] != "-" else None
        self.old, self.old_left = self.old + (old is not None), self.old_left - (old is not None)
        self.new, self.new_left = self.new + (new is not None), self.new_left - (new is not None)
        return Row(text, {"+": "added", "-": "removed"}.get(text[:1], "plain"), old, new)


def numbered(lines: Iterable[str], path: str = "") -> Iterator[Row]:
    """Number the lines of hunks; names of files stand once, with what was done to the file.

    Args:
        lines: of the diff, clean.
        path: of the file, where the diff names none.
    """
    place, before, language = _Place(), "", language_of(path)
    for text in lines:
        if place.inside and text[:1] in {"+", "-", " ", ""}:
            yield replace(place.take(text), language=language)
        elif found := _HUNK.match(text):
            place.begin(found)
            yield Row(text, "hunk")
        elif text.startswith("--- ") and not place.inside:
            before = text[4:]
        elif text.startswith("+++ ") and before:
            language = language_of(_named(text[4:])) or language_of(_named(before))
            yield Row(_file(before, text[4:]), "head")
            before = ""
        else:
            yield Row(text, diff_role(text))


def _named(name: str) -> str:
    return name.split("\t", maxsplit=1)[0].strip()


def _file(before: str, after: str) -> str:
    old, new = _named(before), _named(after)
    if old == "/dev/null":
        return f"{new.removeprefix('b/')} (new)"
    if new == "/dev/null":
        return f"{old.removeprefix('a/')} (deleted)"
    same = old.removeprefix("a/") == new.removeprefix("b/")
    return new.removeprefix("b/") if same else f"{old.removeprefix('a/')} → {new.removeprefix('b/')}"
