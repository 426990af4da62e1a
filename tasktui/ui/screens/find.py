"""Full text over all tasks: prompts, messages, tools, results and output; `enter` opens the place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on, work
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tasktui.domain.errors import OwnerError, TasktuiError
from tasktui.domain.rows import SearchHit
from tasktui.ui.host import host, keymap_of
from tasktui.ui.keymap import Context, bindings
from tasktui.ui.screens.view import Rows, View
from tasktui.ui.text import joined, safe_line
from tasktui.ui.widgets.detail.clock import day_and_clock
from tasktui.ui.widgets.footer import Footer

if TYPE_CHECKING:
    from textual.widget import Widget

    from tasktui.domain.requests import ChangeSet

LEAST: Final = 3
"""Characters from which the index can find a text."""
PAGE: Final = 50
REST_S: Final = 0.2
"""How long typing rests before it is searched for."""
_HINT: Final = "Prompts, messages, tools, results, and the beginning and end of each output."


class Wanted(Input):
    """What to look for."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("finding")]

    def action_find_results(self) -> None:
        """Go to what was found."""
        self.screen.query_one(Rows).focus()


class FindView(View):
    """What is typed is looked for as soon as typing rests; the newest place stands first."""

    NAME = "Find"
    AUTO_FOCUS = "Wanted"
    CONTEXTS: ClassVar[tuple[Context, ...]] = ("rows", "found", "views", "everywhere")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("found")]

    def __init__(self) -> None:
        super().__init__()
        self._hits: list[SearchHit] = []
        self._found = ""
        """The text that they have in them; another one may stand in the line already."""
        self._more = False
        self._failed = False
        """Whether the last one could not be looked for."""
        self._rest: Timer | None = None

    def body(self) -> Iterable[Widget]:
        """The text, and where it stands."""
        yield Horizontal(
            Static(joined(("/ ", "bold"))),
            Wanted(placeholder="text in all tasks, three letters or more", compact=True),
            id="wanted",
        )
        yield Rows()

    def on_mount(self) -> None:
        """Say what is searched."""
        super().on_mount()
        self.say(_HINT)

    @property
    def contexts(self) -> tuple[Context, ...]:
        """The keys of the text, or of what was found."""
        return ("finding",) if isinstance(self.focused, Wanted) else self.CONTEXTS

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Show the keys that hold now."""
        self.query_one("#footer", Footer).contexts = self.contexts

    @on(Input.Changed)
    def _typed(self) -> None:
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST_S, self._look)

    @property
    def _text(self) -> str:
        return self.query_one(Wanted).value.strip()

    def _look(self) -> None:
        self._rest = None
        self._more = self._failed = False
        if len(self._text) < LEAST:
            self.workers.cancel_group(self, "find")
            self._hits = []
            self._show()
            self.say(_HINT if not self._text else f"{LEAST} letters or more")
        else:
            self.say("looking…")
            self._read(self._text, None)

    def connected(self) -> None:
        """Look for what could not be looked for."""
        if self._failed:
            self._look()

    def apply(self, changes: ChangeSet) -> None:
        """After a silence the owner may be there again."""
        if changes.reread and not changes.lost:
            self.connected()

    @work(exclusive=True, group="find")
    async def _read(self, text: str, before: int | None) -> None:
        manager = host(self).manager
        try:
            if manager is None:
                raise OwnerError("Not connected.")
            page = await manager.search(text, before=before, limit=PAGE)
        except TasktuiError as problem:
            self._failed = True
            self.say(problem.message)
            return
        self._hits = [*self._hits, *page.items] if before is not None else [*page.items]
        self._found, self._more = text, page.more
        self._show()
        places = "1 place" if len(self._hits) == 1 else f"{len(self._hits)} places"
        self.say(f"Nothing has {text!r} in it." if not self._hits else f"{places}{'+' if self._more else ''}")

    def _show(self) -> None:
        options = []
        for at, hit in enumerate(self._hits):
            line: Content = _shown(hit, self._found)
            options.append(Option(line, id=str(at)))
        self.rows.replace(options, keep=self.rows.chosen if len(self._hits) > PAGE else "0")

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        """At the last one, read on."""
        if self._more and event.option_index == len(self._hits) - 1:
            self._more = False
            self._read(self._found, self._hits[-1].place)

    @on(OptionList.OptionSelected)
    def _opened(self, event: OptionList.OptionSelected) -> None:
        from tasktui.ui.screens.detail import DetailScreen, Spot

        hit = self._hits[event.option_index]
        spot = Spot(self._found, hit.seq)
        self.app.push_screen(DetailScreen(hit.task_id, keymap_of(self), spot=spot))

    def action_find_text(self) -> None:
        """Change the text."""
        self.query_one(Wanted).focus()


def _shown(hit: SearchHit, text: str) -> Content:
    about = f"  {hit.source} · {day_and_clock(hit.ts)}"
    excerpt = safe_line(f"  {hit.excerpt}")
    at = excerpt.plain.casefold().find(text.casefold())
    if at >= 0:
        excerpt = excerpt.stylize("bold reverse", at, at + len(text))
    return Content("\n").join([joined((hit.title, "bold"), (about, "dim")), excerpt])
