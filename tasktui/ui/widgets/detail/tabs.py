"""The strip of tabs: number, name, count; one line at every width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from rich.cells import cell_len
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tasktui.domain.rows import TaskRow
from tasktui.ui.text import joined

NAMES: Final = ("Timeline", "Tools", "Messages", "Output", "Artifacts", "Checks", "Info")
_SHORT: Final = ("Time", "Tools", "Msgs", "Out", "Files", "Checks", "Info")


class TabStrip(Widget):
    """The tabs of a task; the open one is in brackets, so that no colour is needed to see it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"tabs--open"}

    open: reactive[int] = reactive(1)
    """Which tab is open, from 1."""
    counts: reactive[tuple[str, ...]] = reactive(("",) * len(NAMES))
    """What stands behind each name."""

    @dataclass
    class Picked(Message):
        """A person wants another tab."""

        tab: int

    def render(self) -> Content:
        """The tabs, as long as fits."""
        style = self.get_visual_style("tabs--open", partial=True)
        return joined(*((text, style if tab == self.open else "") for text, tab in self._pieces()))

    def on_click(self, event: Click) -> None:
        """Open the tab under the pointer."""
        left = 0
        for text, tab in self._pieces():
            left += cell_len(text)
            if event.x < left:
                if tab:
                    self.post_message(self.Picked(tab))
                return

    def _pieces(self) -> list[tuple[str, int]]:
        """Texts with the tab that each belongs to, 0 for what is between."""
        for names, counted in ((NAMES, True), (_SHORT, True), (_SHORT, False)):
            pieces = self._fitted(names, counted=counted)
            if sum(cell_len(text) for text, _ in pieces) <= self.size.width:
                return pieces
        return self._fitted(("",) * len(NAMES), counted=False)

    def _fitted(self, names: tuple[str, ...], *, counted: bool) -> list[tuple[str, int]]:
        pieces: list[tuple[str, int]] = []
        for tab, (name, count) in enumerate(zip(names, self.counts, strict=True), 1):
            figure = f" {count}" if count and (counted or tab == self.open) else ""
            text = f"{tab} {name}{figure}".rstrip()
            pieces += [(f"[{text}]" if tab == self.open else f" {text} ", tab)]
        return pieces


def counts_of(row: TaskRow | None) -> tuple[str, ...]:
    """Return what stands behind the names of the tabs."""
    if row is None:
        return ("",) * len(NAMES)
    failed = f"{row.tool_calls}" + (f" ✗{row.tool_failed}" if row.tool_failed else "")
    checks = f"{row.checks_done}/{row.checks_total}" if row.checks_total else ""
    return (
        f"{row.last_seq:,}" if row.last_seq else "",
        failed if row.tool_calls else "",
        "",
        "",
        str(row.artifacts or ""),
        checks,
        "",
    )
