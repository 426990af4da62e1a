"""Undo, copying, the person's own pager, and a task that is refused."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tasktui.domain.errors import CapacityError
from tasktui.domain.query import EVERYTHING
from tasktui.domain.requests import Task
from tasktui.domain.status import Group
from tasktui.manager.manager import LocalManager
from tasktui.ui.everywhere import MOST_COPIED
from tasktui.ui.messages import CopyRequested
from tasktui.ui.paging import fetched, program, show_in
from tasktui.ui.screens.new_task_dialog import NewTaskDialog
from tasktui.ui.temporary import write_private
from tests.ui.night import Night
from tests.ui.test_dashboard import desk


async def test_undo_ends_after_its_time(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        seen.app.undo_s = 0.0
        await seen.go_to("bump deps")
        await seen.press_undoable("d")
        await seen.until(lambda: "bump deps" not in seen.section(Group.FINISHED), "it is gone")
        await seen.press("z")
        await seen.until(lambda: seen.shows("Too late"), "the sentence")
        assert "bump deps" not in seen.section(Group.FINISHED)


async def test_marks_that_were_dropped_come_back(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.press("space", "space", "escape")
        marks = seen.app.dashboard.list.marks
        assert not len(marks)
        await seen.until(lambda: seen.shows("2 unmarked · z undoes"), "the offer")
        await seen.press("z")
        await seen.until(lambda: len(marks) == 2, "the marks")
        await seen.until(lambda: seen.shows("2 marked"), "the footer")


async def test_much_is_copied_into_a_private_file(busy_night: Night, tmp_path: Path) -> None:
    async with desk(busy_night, temporary=tmp_path / "temporary") as seen:
        seen.app.post_message(CopyRequested("ä" * MOST_COPIED, "the letters"))
        await seen.until(lambda: bool(list(tmp_path.glob("temporary/*"))), "the file")
        (written,) = tmp_path.glob("temporary/*")
        await seen.until(lambda: seen.app.clipboard == str(written), "its path")
        assert stat.S_IMODE(written.stat().st_mode) == 0o600
        assert written.read_text() == "ä" * MOST_COPIED


def test_private_files_of_yesterday_go(tmp_path: Path) -> None:
    folder = tmp_path / "temporary"
    old = write_private(folder, "a b/../c.log", b"1")
    assert old.parent == folder
    os.utime(old, (1, 1))
    kept = write_private(folder, "x", b"2")
    assert list(folder.iterdir()) == [kept]


async def test_output_is_fetched_whole(busy_night: Night) -> None:
    rows = (await busy_night.manager.page(EVERYTHING)).items
    suite = next(row for row in rows if row.title == "run integration suite")
    name, data = await fetched(busy_night.manager, suite.id, None)
    assert name == f"{suite.id}.log"
    assert data == b"".join(b"test_%03d ok\n" % number for number in range(40))


@pytest.mark.parametrize(
    ("environ", "arguments"),
    [({}, ["less"]), ({"PAGER": "most -s"}, ["most", "-s"]), ({"EDITOR": "vi"}, ["vi"])],
)
def test_the_pager_comes_before_the_editor(environ: dict[str, str], arguments: list[str]) -> None:
    assert program(environ) == arguments


def test_a_program_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert "does not start" in (show_in(["/nowhere/pager"], tmp_path) or "")
    assert show_in(["test", "-d"], tmp_path) is None
    assert show_in(["test", "-f"], tmp_path) == "test ended with 1"


class Full(LocalManager):
    """Refuses the first task."""

    refusals = 1

    async def submit(self, *args: object, **more: object) -> Task:
        """Refuse, then take it."""
        if self.refusals:
            self.refusals -= 1
            raise CapacityError("The queue is full.", retry_after_s=1)
        return await super().submit(*args, **more)  # type: ignore[arg-type]  # handed on as it came


async def test_a_refused_task_comes_back_as_it_was_typed(quiet_night: Night) -> None:
    quiet_night.manager.__class__ = Full
    async with desk(quiet_night) as seen:
        await seen.press("n")
        await seen.until(lambda: isinstance(seen.app.screen, NewTaskDialog), "the form")
        await seen.press(*"make", "space", *"all", "ctrl+j")
        await seen.until(lambda: seen.shows("Not queued: The queue is full."), "the refusal")
        await seen.until(lambda: seen.shows("make all"), "what was typed")
        await seen.press("ctrl+j")
        await seen.until(lambda: not isinstance(seen.app.screen, NewTaskDialog), "the form is left")
        await seen.until(lambda: seen.app.dashboard.list.window.total == 1, "it is taken")
        rows = (await quiet_night.manager.page(EVERYTHING)).items
        assert [row.title for row in rows] == ["make all"]
