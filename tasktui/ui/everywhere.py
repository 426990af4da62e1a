"""What the keys do that hold everywhere: views, help, copying, own programs, leaving, stopping."""

from __future__ import annotations

import asyncio
import os
import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from textual import on, work
from textual.app import SuspendNotSupported
from textual.command import CommandPalette

from tasktui.ui.dialogs import HELP, QUIT, STOP
from tasktui.ui.exporting import Exporting
from tasktui.ui.host import contexts_here, key_of
from tasktui.ui.messages import CancelRequested, CopyRequested

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen

    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.records import Artifact
    from tasktui.ui.dialogs import Leaving

MOST_COPIED: Final = 55_000
"""Bytes that one OSC 52 sequence carries through the terminals that cap it at 74 kB of base64."""


class Everywhere(Exporting):
    """Actions of the context `everywhere`, and the views."""

    temporary: Path = Path(tempfile.gettempdir())
    """Where files for the person's own programs go."""
    last_word: Leaving | None = None
    """What becomes of the work in any case: nobody is asked."""

    def action_command_palette(self) -> None:
        """Offer every action by name."""
        if not CommandPalette.is_open(cast("App[object]", self)):
            from tasktui.ui.screens.palette_screen import PaletteScreen

            self.push_screen(PaletteScreen())

    # Views

    def action_view_inbox(self) -> None:
        """Show all questions and approvals."""
        self._view("inbox", "InboxView")

    def action_view_find(self) -> None:
        """Find text in all tasks."""
        self._view("find", "FindView")

    def action_view_stats(self) -> None:
        """Show figures and lanes."""
        self._view("figures", "FiguresView")

    def action_view_hosts(self) -> None:
        """Show the machines."""
        self._view("machines", "MachinesView")

    def _view(self, module: str, name: str) -> None:
        """Show a view, in the place of the one that stands there."""
        from tasktui.ui.screens.view import View

        made = getattr(import_module(f"tasktui.ui.screens.{module}"), name)
        if isinstance(self.screen, made):
            return
        screen = cast("Screen[None]", made())
        if isinstance(self.screen, View):
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    @work(exclusive=True, group="dialog")
    async def action_help(self) -> None:
        """Show the keys that hold here."""
        await HELP.ask(self, contexts_here(self.screen), getattr(self, "keymap", {}))

    # Copying and reading elsewhere

    @on(CopyRequested)
    async def _copy(self, request: CopyRequested) -> None:
        data = request.text.encode("utf-8", "surrogateescape")
        if len(data) <= MOST_COPIED:
            self.copy_to_clipboard(request.text)
            self.tell(f"Copied {request.what}")
            return
        path = await self._written("copied.txt", data)
        if path is not None:
            self.copy_to_clipboard(str(path))
            self.tell(f"Too much for the clipboard, so {request.what} went to {path}; its path is copied.")

    async def _written(self, name: str, data: bytes) -> Path | None:
        from tasktui.ui.temporary import write_private

        try:
            return await asyncio.to_thread(write_private, self.temporary, name, data)
        except OSError as error:
            self.tell(f"Cannot write to {self.temporary}: {error.strerror or error}", failed=True)
            return None

    def action_copy_selected(self) -> None:
        """Copy what the mouse has selected; without a selection say how to leave."""
        selected = self.screen.get_selected_text()
        if selected:
            self.post_message(CopyRequested(selected, f"{len(selected):,} characters"))
        else:
            self.tell(f"Nothing is selected. {key_of(self, 'quit')} leaves; your tasks go on.")

    @work(exclusive=True, group="pager")
    async def action_task_editor(self) -> None:
        """Open the artifact under the cursor, else the output, in the person's pager."""
        from tasktui.ui.paging import fetched

        rows, manager = self.targets[:1], self.manager
        if not rows or manager is None:
            return
        artifact: Artifact | None = getattr(self.screen, "artifact", None)
        stays = self.stays()
        with self.telling():
            name, data = await fetched(manager, rows[0].id, artifact)
            if not data:
                self.tell("It has printed nothing." if artifact is None else "The file is empty.")
                return
            path = await self._written(name, data)
            if path is not None and stays():
                self._show_elsewhere(path)
            elif path is not None:
                self.tell(f"You have gone on, so it was not opened; it is in {path}")

    def _show_elsewhere(self, path: Path) -> None:
        """Lend the terminal to the person's program; the tasks go on meanwhile."""
        from tasktui.ui.paging import program, show_in

        try:
            arguments = program(os.environ)
            with self.suspend():
                problem = show_in(arguments, path)
        except SuspendNotSupported:
            problem = f"No terminal to lend; it is in {path}"
        except ValueError as error:
            problem = f"$PAGER or $EDITOR: {error}"
        self.action_redraw()
        if problem is not None:
            self.tell(problem, failed=True)

    # The screen, and leaving it

    def action_redraw(self) -> None:
        """Draw the whole screen anew."""
        redraw = getattr(self._driver, "redraw", None)
        if redraw is not None:
            redraw()
        self.refresh(repaint=True, layout=True)

    def action_suspend_process(self) -> None:
        """Go back to the shell; where none controls this terminal, nobody could bring the screen back."""
        if os.getpgrp() == os.getsid(0):
            self.tell("No shell started this screen, so there is none to go back to.")
        else:
            super().action_suspend_process()

    @work(exclusive=True, group="dialog")
    async def action_leave(self) -> None:
        """Leave a pushed screen, or the app; with work running ask what becomes of it."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
            return
        if self.last_word is not None:
            self.exit(self.last_word)
            return
        with self.telling():
            own, stays = self._here(), self.stays()
            busy = 0 if own is None else await own.busy()
            if not stays():
                return
            leaving = await QUIT.ask(self, busy) if busy else "detach"
            if leaving == "cancel":
                self._cancel_all()
            elif leaving is not None:
                self.exit(leaving)

    @work(exclusive=True, group="dialog")
    async def action_owner_stop(self) -> None:
        """Name what ends, ask, cancel all of it, and leave."""
        from tasktui.ui.stopping import open_tasks

        own = self._here()
        if own is None:
            where = "Not connected" if self.manager is None else "All of this runs on other machines"
            self.tell(f"{where}, so nothing was done.", failed=True)
            return
        with self.telling():
            stays, rows = self.stays(), await open_tasks(own)
            if stays() and await STOP.ask(self, rows):
                self._cancel_all()

    def _here(self) -> Manager | None:
        """Return the manager whose work may end with this screen."""
        from tasktui.ui.machines import here

        return here(self.manager)

    @work(group="leaving")
    async def _cancel_all(self) -> None:
        """Cancel what has not ended, for an owner in another process is not told otherwise, and leave.

        Not among the dialogs, the next of which would end it halfway. Who cannot cancel stays.
        """
        from tasktui.ui.stopping import open_tasks

        with self.telling():
            own = self._here()
            rows = [] if own is None else await open_tasks(own)
            cancel = CancelRequested(tuple(row.id for row in rows))
            error = await self.carried(cancel) if rows or own is None else None
            if error is None:
                self.exit("cancel")
            else:
                self.tell(error, failed=True)
