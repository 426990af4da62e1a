"""One line of the task list: which columns fit, what stands in them, and how they are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tasktui.domain.rows import TaskRow, UnixMs
from tasktui.ui.task_words import GROUP_WORDS, age, look, outcome
from tasktui.ui.text import fit, strip
from tasktui.ui.window import Heading

if TYPE_CHECKING:
    from tasktui.ui.waits import Wait

AGE: Final = 6
GUTTER: Final = 2
"""The cursor and the mark."""
LEAST_TITLE: Final = 8
_NARROW: Final = 60
_HOST: Final = 10
_SHORT_HOST: Final = 6
_ROOMY: Final = 16
"""Cells in which the name of another task is worth beginning."""


class Column(NamedTuple):
    """A column of the list: where it begins and how wide it is."""

    name: str
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a list of some width; what ticks stands left, where repainting costs least."""

    width: int
    columns: tuple[Column, ...]

    @classmethod
    def for_width(cls, width: int, *, hosts: bool = False) -> Columns:
        """Return the columns that fit; `hosts`: with that of the machine."""
        host = (_HOST if width >= _NARROW else _SHORT_HOST) * hosts
        room = width - host
        fixed = [("glyph", 1), ("age", AGE), ("title", 0)] + [("host", host)] * hosts
        fixed += [("kind", 6)] * (room >= 64) + [("lane", 10)] * (room >= 96) + [("tools", 8)] * (room >= 76)
        fixed += [("outcome", 12 if room < _NARROW else 24)]
        title = width - GUTTER - sum(size for _, size in fixed) - (len(fixed) - 1)
        columns, x = [], GUTTER
        for name, size in fixed:
            taken = max(LEAST_TITLE, title) if name == "title" else size
            columns.append(Column(name, x, taken))
            x += taken + 1
        return cls(width, tuple(columns))

    def changed(self, old: tuple[str, ...], new: tuple[str, ...]) -> tuple[int, int] | None:
        """Return where the cells of two lines differ, as x and width; None when they don't."""
        differ = [column for column, a, b in zip(self.columns, old, new, strict=True) if a != b]
        if not differ:
            return None
        return differ[0].x, differ[-1].x + differ[-1].width - differ[0].x


def cells(row: TaskRow, columns: Columns, now: UnixMs, waits: Wait | None = None) -> tuple[str, ...]:
    """Return what stands in each column, cut and padded to its width."""
    shown = {
        "glyph": look(row).glyph,
        "age": age(row, now),
        "title": row.title,
        "kind": row.kind.value,
        "host": row.host,
        "lane": row.lane,
        "tools": f"{row.tool_calls} calls" if row.tool_calls else "",
    }
    return tuple(
        fit(
            outcome(row, column.width, now, _words(waits, column.width))
            if column.name == "outcome"
            else shown[column.name],
            column.width,
            align="right" if column.name in {"age", "tools"} else "left",
        )
        for column in columns.columns
    )


def _words(waits: Wait | None, width: int) -> str:
    if waits is None:
        return ""
    return waits.long if width >= _ROOMY else waits.short


def gutter(*, here: bool, marked: bool) -> str:
    """Return the cursor and the mark."""
    return ("▌" if here else " ") + ("▪" if marked else " ")


def task_strip(
    texts: tuple[str, ...], lead: str, row: TaskRow, columns: Columns, styles: Mapping[str, Style]
) -> Strip:
    """Return the line of a task.

    Args:
        texts: What `cells` returned.
        lead: What `gutter` returned.
        row: The task.
        columns: Those that `texts` was made for.
        styles: By the list's component classes, without their prefix; `base` lies under all.
    """
    own = styles[look(row).style]
    by_column = {"glyph": own, "outcome": own, "age": styles["dim"], "kind": styles["dim"]}
    by_column |= dict.fromkeys(("host", "lane", "tools"), styles["dim"])
    if row.unheard_since is not None:
        by_column = {column.name: own for column in columns.columns}
    pieces: list[tuple[str, Style | None]] = [(lead, styles["cursor"])]
    for column, text in zip(columns.columns, texts, strict=True):
        pieces += [
            (text, by_column.get(column.name)),
            (" " * (column.x + column.width < columns.width), None),
        ]
    return strip(pieces, columns.width, styles["base"])


def heading_strip(heading: Heading, width: int, styles: Mapping[str, Style]) -> Strip:
    """Return the line above a section."""
    style = styles["needs"] if heading.group.value == 0 else styles["heading"]
    words = f" {GROUP_WORDS[heading.group]} {heading.total:,} "
    return strip([(words, style), ("─" * max(0, width - len(words)), styles["rule"])], width, styles["base"])


def blank_strip(width: int, styles: Mapping[str, Style], text: str = "") -> Strip:
    """Return an empty line, or the one of a row that is being read."""
    if not text:
        return Strip([Segment(" " * width, styles["base"])], width)
    return strip([(text, styles["dim"])], width, styles["base"])
