"""FAULTS 3: the Output tab over files that the cap has rotated: dropped bytes are counted, keys answered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.app import App, ComposeResult

from tasktui.executors.outputs import FileOutputs
from tasktui.executors.shim.output import CappedOutput
from tasktui.ui.styles import sheets
from tasktui.ui.widgets.detail.blocks import Stretch
from tasktui.ui.widgets.detail.line_view import LineView
from tasktui.ui.widgets.detail.output import OutputSource
from tests.ui.detail_desk import shown, until_says
from tests.ui.night import eventually

CAP = 400_000


class FileSource(OutputSource):
    """The tab's source, straight over a run's files."""

    def __init__(self, directory: Path) -> None:
        super().__init__(None, "t")
        self._directory = directory

    async def read(self, offset: int, limit: int) -> Stretch:
        chunk = FileOutputs().read(self._directory, run=1, offset=offset, limit=limit)
        return Stretch(chunk.offset, chunk.data, chunk.size, chunk.dropped, chunk.marks)


IS_UNREAD = re.compile(r"\W*…\W*")
"""A line that is still to be read; behind it may stand a piece of the scroll bar."""


class OutputApp(App[None]):
    CSS_PATH = sheets("app", "detail")

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.source = FileSource(directory)

    def compose(self) -> ComposeResult:
        yield LineView(points=False)

    async def on_mount(self) -> None:
        await self.source.measure()
        self.view.attach(self.source)
        self.view.focus()

    @property
    def view(self) -> LineView:
        return self.query_one(LineView)


async def test_the_hole_is_one_line_between_head_and_tail(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    output = CappedOutput(CAP)
    for number in range(200_000):
        output.write(1, b"row %d\n" % number)
    app = OutputApp(tmp_path)
    async with app.run_test(size=(80, 20)) as pilot:
        await until_says(pilot, "row 199999")
        (hole,) = app.source.holes
        app.view.following = False
        app.view.go_to_line(app.view.window.layout.top(hole[0]) - 8)
        for _ in range(120):
            # what is read on the way moves the lines, so a page is looked at once it stands
            await eventually(lambda: not any(map(IS_UNREAD.fullmatch, shown(app))), "the lines")
            lines = shown(app)
            at = next((index for index, line in enumerate(lines) if "dropped (cap)" in line), None)
            if at:
                break
            await pilot.press("ctrl+d" if at is None else "k")
        assert at
        # the cap may have cut the last line of the head
        before = re.findall(r"row (\d+)\b", "\n".join(lines[:at]))
        assert before
        assert all(int(number) < 60_000 for number in before)
        after = re.findall(r"row (\d+)", "\n".join(lines[at + 2 :]))
        assert all(int(number) > 150_000 for number in after)
        await pilot.press("g")
        await until_says(pilot, "row 0 ")
        await pilot.press("G")
        await until_says(pilot, "row 199999")
        assert app.view.window.loaded < 40


@pytest.mark.parametrize("size", [10_000_000])
async def test_a_line_of_ten_megabytes_is_walked_through(tmp_path, monkeypatch, size):
    monkeypatch.chdir(tmp_path)
    output = CappedOutput(1 << 26)
    output.write(1, b"begin ")
    for _ in range(size // 100_000):
        output.write(1, b"x" * 100_000)
    output.write(1, b" end\nlast line\n")
    app = OutputApp(tmp_path)
    async with app.run_test(size=(80, 20)) as pilot:
        await until_says(pilot, "last line", "↪ xxx")
        await pilot.press("g")
        await until_says(pilot, "begin xxx")
        await pilot.press("ctrl+d", "ctrl+d", "W")
        await until_says(pilot, "xxxxxxxxxx")
        await pilot.press("G")
        await until_says(pilot, "last line")
        assert app.view.window.loaded < 200
