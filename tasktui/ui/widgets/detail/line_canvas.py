"""Draws a few screens of a long source with the Line API and reads the rest as it comes into sight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from rich.style import Style
from textual import work
from textual.geometry import Region
from textual.strip import Strip

from tasktui.domain.errors import TasktuiError
from tasktui.ui import text
from tasktui.ui.widgets.detail.code import FILL, painted
from tasktui.ui.widgets.detail.line import FILLED, ROLES, Line, marked
from tasktui.ui.widgets.detail.line_scroll import LineScroll
from tasktui.ui.widgets.detail.source import Nothing, Source, Value
from tasktui.ui.widgets.detail.window import SPARE, LineWindow

CURSOR: Final = "▌"
_WAITING: Final = Line((("…", "muted"),))


class LineCanvas(LineScroll):
    """Items of a source, one line each or many; follows the end until somebody scrolls up."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"line--{role}" for role in ROLES}

    def __init__(self, *, points: bool = True, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(points=points, id=id, classes=classes)
        self.query_text = ""
        """What is marked wherever it stands, folded."""
        self.trouble = ""
        """Why nothing can be read, else empty."""
        self._filling = False
        self._stale = False
        """Whether what is seen is to be read again."""
        self._styles: dict[str, Style] = {}

    # What is shown

    def attach(self, source: Source, *, at_end: bool = True) -> None:
        """Show a source, from its end or from its beginning."""
        self.window = LineWindow(source, self._look())
        self.trouble = ""
        self.query_text = ""
        self.set_reactive(LineScroll.unseen, 0)
        self.set_reactive(LineScroll.following, at_end)
        self.set_reactive(LineScroll.cursor, source.stop - 1 if at_end else source.first)
        self._place(0)
        self._settle()
        self.refresh()
        self.post_message(self.Moved())

    def detach(self) -> None:
        """Show nothing."""
        self.attach(Nothing())

    def grow(self, values: Mapping[int, Value] | None = None) -> None:
        """The source has more items, or other bounds; `values` are those already known."""
        window = self.window
        before, anchor = window.layout.stop, self._anchor()
        window.bound()
        seen = self.following or self._near_end(before)
        window.tell(values if values and seen else {})
        if not self.following and window.source.grows:
            self.unseen += max(0, window.source.stop - before)
        self._restore(anchor)
        if self._visible(before) or self.following:
            self.refresh()

    def redraw(self, values: Mapping[int, Value]) -> None:
        """These items have changed."""
        window = self.window
        shown = {item: value for item, value in values.items() if window.has(item)}
        if not shown:
            return
        anchor, total = self._anchor(), window.layout.total
        window.tell(shown)
        self._restore(anchor)
        if window.layout.total != total:
            self.refresh()
            return
        for item in shown:
            top = window.layout.top(item) - self.scroll_offset.y
            self.refresh(Region(0, top, self.size.width, window.layout.height(item)))

    def redo(self) -> None:
        """Draw all that is loaded anew: something beside the items has changed."""
        anchor = self._anchor()
        self.window.redraw(self.window.items())
        self._restore(anchor)
        self.refresh()

    def reread(self) -> None:
        """Read again what is seen; the old stays on the screen until then."""
        self.window.bound()
        self._settle()
        self._stale = True
        self._want()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        width, number, window = self.line_width, self.scroll_offset.y + y, self.window
        if number >= window.layout.total:
            shown = Line(((self.trouble, "bad"),)) if y == 0 and self.trouble else Line(())
            return self._strip(shown, width, mark=" ")
        item, sub = window.layout.at(number)
        lines = window.lines(item)
        if lines is None:
            self._want()
            return self._strip(_WAITING, width, mark=self._mark(item, sub))
        shown = lines[sub] if sub < len(lines) else Line(())
        if self.query_text:
            current = self.points and item == self.cursor
            shown = marked(shown, self.query_text, "match-current" if current else "match")
        mark = self._mark(item, sub) if self.points else shown.mark
        return self._strip(shown, width, mark=mark, selected=self.is_selected(number))

    def is_selected(self, number: int) -> bool:
        """Whether a line is drawn as selected."""
        return False

    def notify_style_update(self) -> None:
        """Look the roles up again."""
        self._styles.clear()
        super().notify_style_update()

    def _strip(self, shown: Line, width: int, *, mark: str, selected: bool = False) -> Strip:
        base = self._role("selected") if selected else self.rich_style
        flat = selected or self.app.native_ansi_color
        spans = (span for whole in shown.spans for span in painted(*whole, flat=flat))
        pieces = [(mark, self._role("cursor"))]
        pieces += [(piece, self._role(role)) for piece, role in spans]
        return text.strip(pieces, width, base)

    def _role(self, role: str) -> Style:
        found = self._styles.get(role)
        if found is None:
            name, _, change = role.partition(FILL)
            found = self.get_component_rich_style(f"line--{name}")
            if name not in FILLED:
                found = found.without_color + Style(color=found.color)
            if change:
                found += Style(bgcolor=self.get_component_rich_style(f"line--{change}-line").bgcolor)
            self._styles[role] = found
        return found

    def _mark(self, item: int, sub: int) -> str:
        return CURSOR if self.points and item == self.cursor and sub == 0 else " "

    # Reading

    def _want(self) -> None:
        if not self._filling:
            self._filling = True
            self.call_later(self._fill)

    @work(group="fill")
    async def _fill(self) -> None:
        """Read what is seen and not there, until all is; one reading at a time, or an older may come last."""
        self._filling = more = True
        try:
            while more or self._stale:
                stale, self._stale = self._stale, False
                more = await self._fill_once(stale=stale)
        except TasktuiError as problem:
            self.trouble = problem.message
            self.refresh()
        finally:
            self._filling = False

    async def _fill_once(self, *, stale: bool) -> bool:
        window, height = self.window, max(1, self.size.height)
        if not self.is_attached:
            return False
        top = self.scroll_offset.y
        spare = height // window.source.default + 1
        wanted = self._seen() if stale else window.missing(top, top + height - 1, spare)
        if wanted is None or wanted[0] >= wanted[1]:
            return await self._open_seen(window)
        window.begin()
        values = await window.source.load(*wanted)
        if window is not self.window:
            return True
        anchor = self._anchor()
        window.read(values, stale=stale)
        window.absent(item for item in range(*wanted) if item not in values)
        window.bound()
        self._restore(anchor)
        self._trim(window)
        self.refresh()
        return await self._open_seen(window)

    async def _open_seen(self, window: LineWindow) -> bool:
        """Read what expanded items lack; return whether something may be missing now."""
        lacking = window.unopened()
        for item in lacking:
            if not window.has(item):  # scrolled away while another one was read
                continue
            opened = await window.source.expand(item, window.value(item))
            if window is not self.window:
                return True
            if not window.has(item):
                continue
            anchor = self._anchor()
            window.opened(item, opened)
            self._restore(anchor)
            self.refresh()
        return bool(lacking)

    def _trim(self, window: LineWindow) -> None:
        spare = SPARE * max(1, self.size.height)
        if window.loaded > 2 * spare + self.size.height:
            top = self.scroll_offset.y
            first, last = (
                window.layout.at(max(0, top - spare))[0],
                window.layout.at(top + self.size.height + spare)[0],
            )
            window.keep(first, last + 1)

    def _seen(self) -> tuple[int, int]:
        layout, top = self.window.layout, self.scroll_offset.y
        return layout.at(top)[0], min(layout.stop, layout.at(top + self.size.height)[0] + 1)
