"""The command palette: every action of the table by its description and key, tasks by title, filters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tasktui.domain.errors import TasktuiError
from tasktui.domain.query import EVERYTHING, Term
from tasktui.ui.dialogs import Choice
from tasktui.ui.keymap import TABLE
from tasktui.ui.messages import TaskOpened
from tasktui.ui.screens.listing import choices
from tasktui.ui.task_words import age, look
from tasktui.ui.text import joined, safe_line, safe_str

if TYPE_CHECKING:
    from textual.content import Content
    from textual.fuzzy import Matcher

    from tasktui.domain.rows import TaskRow
    from tasktui.ui.app import TasktuiApp

Run: TypeAlias = Callable[[], object]

MOST_TASKS: Final = 20
"""Found ones that are offered."""
_OUT: Final = frozenset({"palette", "back"})
"""Actions that make no sense in the palette."""


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the palette."""

    words: str
    """Clean."""
    hint: str
    run: Run

    def shown(self, matcher: Matcher | None = None) -> Content:
        """Return the line, with the letters that were typed marked; nothing in it is read as markup."""
        words = safe_line(self.words)
        style = matcher.match_style if matcher else None
        if matcher and style:
            for at in matcher.fuzzy_search.match(matcher.query, self.words)[1]:
                words = words.stylize(style, at, at + 1)
        return joined(words, "  ", (self.hint, "dim"))


class _Commands(Provider):
    """What both providers need of the app."""

    @property
    def tasktui(self) -> TasktuiApp:
        """The app."""
        return cast("TasktuiApp", self.app)

    def hit(self, command: Command, matcher: Matcher) -> Hit | None:
        """Return the command when its words fit."""
        score = matcher.match(command.words)
        return Hit(score, command.shown(matcher), command.run, command.words) if score > 0 else None


class ActionCommands(_Commands):
    """Every action of the table, and the filters by status and by name."""

    async def discover(self) -> Hits:
        """Offer all, in the order of the table."""
        for command in self._commands():
            yield DiscoveryHit(command.shown(), command.run, command.words)

    async def search(self, query: str) -> Hits:
        """Offer those whose words fit."""
        matcher = self.matcher(query)
        for command in self._commands():
            hit = self.hit(command, matcher)
            if hit is not None:
                yield hit

    def _commands(self) -> Iterator[Command]:
        app = self.tasktui
        for key in TABLE:
            if key.id not in _OUT:
                hint = f"{' '.join(key.shown(app.keymap))} · {key.group}"
                yield Command(key.description, hint, partial(app.run_key, key))
        for choice in choices(app.filters):
            hint = choice.hint or choice.id
            yield Command(f"Show: {safe_str(choice.label)}", safe_str(hint), partial(self._filter, choice))
        yield Command("Change theme", "ansi-dark: the terminal's own colours", app.search_themes)

    def _filter(self, choice: Choice) -> None:
        dashboard = self.tasktui.dashboard
        dashboard.set_class(bool(choice.id), "-filtered")
        dashboard.filter.put(choice.id)


class TaskCommands(_Commands):
    """«Open» for each task whose title or prompt holds what was typed."""

    async def search(self, query: str) -> Hits:
        """Ask the manager, the newest first."""
        matcher = self.matcher(query)
        for row in await self._found(query):
            command = Command(f"Open {safe_str(row.title)}", self._hint(row), partial(self._open, row))
            yield self.hit(command, matcher) or Hit(0.1, command.shown(), command.run, command.words)

    async def _found(self, query: str) -> tuple[TaskRow, ...]:
        words = query.split()
        if words and "open".startswith(words[0].lower()):
            words = words[1:]
        terms = tuple(Term("word", "contains", (word,)) for word in words)
        manager = self.tasktui.manager
        if manager is not None and terms:
            with suppress(TasktuiError):
                return (await manager.page(replace(EVERYTHING, terms=terms), limit=MOST_TASKS)).items
        return ()

    def _hint(self, row: TaskRow) -> str:
        shown = look(row)
        return f"{shown.glyph} {shown.word} {age(row, self.tasktui.now())}"

    def _open(self, row: TaskRow) -> None:
        """Go there in the list where the list has it; else show it by itself."""
        app = self.tasktui
        app.dashboard.list.go_to(row.id)
        if app.dashboard.selected is not None and app.dashboard.selected.id == row.id:
            app.dashboard.post_message(TaskOpened(row.id))
        else:
            from tasktui.ui.screens.detail import DetailScreen

            app.push_screen(DetailScreen(row.id, app.keymap))
