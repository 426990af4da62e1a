"""Diffs as lines: numbers, code in colours on the ground of what was added and removed, two sides if wide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from rich.cells import cell_len

from tasktui.ui.text import fit
from tasktui.ui.widgets.detail.code import CODE, FILL
from tasktui.ui.widgets.detail.diff_rows import Row, numbered
from tasktui.ui.widgets.detail.line import Line, Span, line

CHANGE_ROLES: Final = (
    "head", "hunk", "added", "removed", "added-line", "removed-line", "muted", "plain", "keyword", "string",
    "number", "comment",
)  # fmt: skip
"""Roles of the lines of a diff."""
BESIDE: Final = 160
"""Cells from which on old and new stand side by side."""
_GUTTER: Final = 5
"""Cells of a line number."""


def diff_lines(
    lines: Iterable[str], lead: str = "", width: int = 0, *, path: str = "", beside: bool = True
) -> list[Line]:
    """Return the lines of a diff, each after `lead`.

    Args:
        lines: of the diff, clean.
        lead: before each line.
        width: cells of a line, which changes fill; unknown when 0.
        path: of the file, where the diff names none.
        beside: whether old and new stand side by side where there is room.
    """
    rows = list(numbered(lines, path))
    if width < BESIDE or not beside:
        return [_one(row, lead, width) for row in rows]
    half = (width - len(lead) - 3) // 2
    return [made for block in _blocks(rows) for made in _side_by_side(block, lead, half)]


def _one(row: Row, lead: str, width: int) -> Line:
    if row.old is None and row.new is None:
        return line((lead, "muted"), (row.text, row.role), hang=len(lead))
    numbers = _number(row.old) + _number(row.new)
    taken = len(lead) + len(numbers)
    return line((lead + numbers, "muted"), *_spans(row, _filled(row, width - taken)), hang=taken + 1)


def _filled(row: Row, room: int) -> str:
    """Return a changed line as wide as its room, so that its ground is; a longer one stays."""
    if row.role == "plain" or cell_len(row.text) >= room:
        return row.text or " "
    return fit(row.text, room)


def _spans(row: Row, text: str) -> Iterator[Span]:
    """Give the sign and the code behind it."""
    ground = "" if row.role == "plain" else FILL + row.role
    yield text[:1], row.role + ground
    if len(text) > 1:
        yield text[1:], (CODE + row.language if row.language else row.role) + ground


def _number(number: int | None) -> str:
    return f"{'' if number is None else number:>{_GUTTER - 1}} "


@dataclass(slots=True)
class _Block:
    """What was removed and what came in its place; or one other line."""

    removed: list[Row] = field(default_factory=list)
    added: list[Row] = field(default_factory=list)
    other: Row | None = None


def _blocks(rows: Iterable[Row]) -> Iterator[_Block]:
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
            yield _one(row, lead, 0)
        else:
            yield _pair(row, row, lead, half)
        return
    for index in range(max(len(block.removed), len(block.added))):
        left = block.removed[index] if index < len(block.removed) else None
        right = block.added[index] if index < len(block.added) else None
        yield _pair(left, right, lead, half)


def _pair(left: Row | None, right: Row | None, lead: str, half: int) -> Line:
    room = half - _GUTTER
    return line(
        (lead, "muted"),
        (_number(left.old if left else None), "muted"),
        *(_spans(left, fit(left.text, room)) if left else [(" " * room, "plain")]),
        (" │ ", "muted"),
        (_number(right.new if right else None), "muted"),
        *(_spans(right, fit(right.text, room)) if right else ()),
    )
