"""`E`: the chosen tasks into a file, and what keeps them from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.widgets import Input

from tasktui.domain.errors import InvalidError
from tasktui.ui.screens.line_dialog import LineDialog
from tests.ui.test_dashboard import Desk, desk

if TYPE_CHECKING:
    from tests.ui.night import Night


def names(ids: Sequence[str], path: Path) -> int:
    """Write ids alone."""
    path.write_text("\n".join(ids))
    return len(ids)


def full(_ids: Sequence[str], path: Path) -> int:
    raise InvalidError(f"This file cannot be written: {path}: No space left on device")


async def asked(seen: Desk, path: Path) -> None:
    """Press the key, and name a file."""
    await seen.press("E")
    await seen.until(lambda: isinstance(seen.app.screen, LineDialog), "the question")
    seen.app.screen.query_one(Input).value = str(path)
    await seen.press("enter")


async def test_one_task_is_written_where_the_person_says(busy_night: Night, tmp_path: Path) -> None:
    async with desk(busy_night) as seen:
        seen.app.export = names
        await seen.go_to("update changelog")
        row = seen.app.dashboard.selected
        assert row is not None
        await seen.press("E")
        await seen.until(lambda: seen.shows("Export this task"), "the question")
        proposed = Path(seen.app.screen.query_one(Input).value)
        assert (proposed.parent, proposed.name) == (Path.cwd(), f"{row.id}.md")
        await seen.press("escape")
        await asked(seen, tmp_path / "one.md")
        await seen.until(lambda: seen.shows("1 task in"), "the toast")
        assert (tmp_path / "one.md").read_text() == row.id


async def test_marked_ones_are_written_the_oldest_first(busy_night: Night, tmp_path: Path) -> None:
    async with desk(busy_night) as seen:
        seen.app.export = names
        await seen.press("*")
        await seen.until(lambda: len(seen.app.dashboard.list.marks) == 11, "all are marked")
        rows = sorted(seen.app.dashboard.targets, key=lambda row: row.created_seq)
        assert len(rows) > 5
        await asked(seen, tmp_path / "all.ndjson")
        await seen.until(lambda: seen.shows(f"{len(rows)} tasks in"), "the toast")
        assert (tmp_path / "all.ndjson").read_text().split() == [row.id for row in rows]


async def test_no_file_is_written_over_and_a_wrong_name_is_asked_for_again(
    busy_night: Night, tmp_path: Path
) -> None:
    (tmp_path / "there").write_text("kept")
    wrong = {
        tmp_path / "there": "There is such a file. Name another.",
        tmp_path / "missing" / "file": "There is no such directory",
        tmp_path: "The name of a file is missing.",
        tmp_path / ("long" * 100): "File name too long",
        Path("~nobody-of-this-name/file"): "No such place",
    }
    async with desk(busy_night) as seen:
        seen.app.export = names
        await asked(seen, tmp_path / "there")
        for path, words in wrong.items():
            seen.app.screen.query_one(Input).value = str(path)
            await seen.press("enter")
            await seen.until(lambda words=words: seen.shows(words), words)  # type: ignore[misc]  # of this turn
        assert (tmp_path / "there").read_text() == "kept"


async def test_what_goes_wrong_is_said(busy_night: Night, tmp_path: Path) -> None:
    async with desk(busy_night) as seen:
        await seen.press("E")
        await seen.until(lambda: seen.shows("is on another machine"), "without their data")
        seen.app.export = full
        await asked(seen, tmp_path / "one.md")
        await seen.until(lambda: seen.shows("No space left on device"), "the disk is full")
