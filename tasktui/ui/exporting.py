"""Writes the chosen tasks to a file: a report to be read, or all of them, to be imported again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from textual import work

from tasktui.ui.dialogs import LINE
from tasktui.ui.queue_actions import QueueActions

Export: TypeAlias = Callable[[Sequence[str], Path], int]
"""Writes tasks to a new file, from a thread; returns how many."""

_QUESTION: Final = "Into which file? One that ends in .md is a report; any other can be imported again."


class Exporting(QueueActions, inherit_bindings=False):
    """The action that exports."""

    export: Export | None = None
    """None where the data of the tasks does not lie on this machine."""

    @work(exclusive=True, group="dialog")
    async def action_task_export(self) -> None:
        """Ask where to, then write the chosen tasks, the oldest first: parents come before their children."""
        ids = [row.id for row in sorted(self.targets, key=lambda row: row.created_seq)]
        if not ids:
            return
        if self.export is None:
            self.tell("Their data is on another machine: tasktui --host NAME export writes it.", failed=True)
            return
        title = "Export this task" if len(ids) == 1 else f"Export {len(ids):,} tasks"
        proposed = Path.cwd() / (f"{ids[0]}.md" if len(ids) == 1 else "tasks.ndjson")
        said = await LINE.ask(self, title, _QUESTION, str(proposed), _not_a_new_file)
        if said is not None:
            await self._export(self.export, ids, Path(said).expanduser())

    async def _export(self, export: Export, ids: Sequence[str], path: Path) -> None:
        with self.telling():
            number = await asyncio.to_thread(export, ids, path)
            self.tell(f"{number:,} task{'' if number == 1 else 's'} in {path}")


def _not_a_new_file(text: str) -> str:
    try:
        path = Path(text).expanduser()
        if not text or path.is_dir():
            return "The name of a file is missing."
        if path.exists():
            return "There is such a file. Name another."
        return "" if path.parent.is_dir() else f"There is no such directory: {path.parent}"
    except OSError as error:
        return f"It cannot be written there: {error.strerror}. Name another."
    except (RuntimeError, ValueError) as error:  # the home of nobody, a character that no name has
        return f"No such place: {error}"
