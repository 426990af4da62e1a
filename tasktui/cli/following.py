"""Following one task to its end: its output as it is written, through all its runs.

Nothing here needs the owner: the output lies in files that the shim writes, the state in the database.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tasktui.cli.outlet import Outlet
from tasktui.cli.printing import tell
from tasktui.cli.reading import row_of
from tasktui.domain.amounts import size
from tasktui.domain.rows import TaskRow
from tasktui.executors.output import OutputReader
from tasktui.executors.run_files import read_head, read_record
from tasktui.store.sqlite.reader import Reader

FIRST_PAUSE_S: Final = 0.005
LONGEST_PAUSE_S: Final = 0.1
REST_S: Final = 0.08
"""After so long without more, an unfinished line is shown."""
_BLOCK: Final = 1 << 18


class Pourer:
    """Pours the output of one run, from where it stands on."""

    def __init__(self, directory: Path, outlet: Outlet) -> None:
        self._reader = OutputReader(directory)
        self._outlet = outlet
        self.offset = 0

    def look_into(self, directory: Path) -> None:
        """Go on in another directory, for the files of a run are moved when the next one begins."""
        self._reader = OutputReader(directory)

    def pour(self) -> bool:
        """Write what is there; whether there was anything."""
        start = self.offset
        while pieces := self._reader.pieces(self.offset, _BLOCK):
            lost = pieces[0].offset - self.offset
            if lost:
                tell(f"{size(lost)} of output are not kept: more came than the cap allows.")
            for piece in pieces:
                self._outlet.write(piece.stream, piece.data)
            self.offset = pieces[-1].offset + len(pieces[-1].data)
        return self.offset > start


class Follower:
    """Follows one task."""

    def __init__(self, home: Path, task_id: str, reader: Reader, outlet: Outlet, *, run: int = 1) -> None:
        self._directory = home / "tasks" / task_id
        self._task_id = task_id
        self._reader = reader
        self._outlet = outlet
        self._run = run
        self._pourer = Pourer(self._directory, outlet)

    def until_end(self, beat: Callable[[TaskRow], None] = lambda _: None) -> TaskRow:
        """Pour output until the task has ended; return its last state.

        Args:
            beat: called with the state, about ten times a second.

        Raises:
            NotFoundError: the task was deleted meanwhile.
        """
        pause, silent_s = FIRST_PAUSE_S, 0.0
        while True:
            row = row_of(self._reader, self._task_id)
            self._go_to(row.run_no)
            poured = self._pour()
            if row.finished_at is not None:
                self._outlet.end()
                return row
            beat(row)
            pause = FIRST_PAUSE_S if poured else min(pause * 1.5, LONGEST_PAUSE_S)
            silent_s = 0.0 if poured else silent_s + pause
            if silent_s > REST_S:
                self._outlet.rest()
            time.sleep(pause)

    def _go_to(self, run: int) -> None:
        """Finish the runs before this one, whose files have moved aside."""
        while self._run < run:
            self._pour()
            self._run += 1
            tell(f"Run {self._run} begins.")
            self._pourer = Pourer(self._directory, self._outlet)

    def _pour(self) -> bool:
        self._pourer.look_into(run_directory(self._directory, self._run))
        return self._pourer.pour()


def run_directory(directory: Path, run: int) -> Path:
    """Return where the files of a run are: beside the newest ones, when those are another run's.

    A run that has just been claimed has none yet; until they are there, its directory is not either.
    """
    newest = read_head(directory) or read_record(directory)
    return directory if newest is None or newest.run == run else directory / f"run.{run}"
