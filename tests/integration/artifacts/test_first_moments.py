"""A file that comes while a directory is first looked at is seen at once, not at the task's end."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from tasktui.artifacts.watched import Watched
from tasktui.artifacts.watcher import Watcher
from tasktui.domain.events.base import Data
from tasktui.domain.events.work import ArtifactAdded


class Overtaken(Watched):
    """A directory into which something is written just after it was scanned for the first time."""

    scanned = False

    def rescan(self) -> list[Data]:
        facts = super().rescan()
        if not self.scanned:
            self.scanned = True
            Path(os.fsdecode(self.root), "late.txt").write_text("late", encoding="utf-8")
        return facts


async def test_a_file_that_comes_behind_the_first_scan_is_reported(tmp_path: Path) -> None:
    heard: list[str] = []
    reported = asyncio.Event()

    def emit(fact: Data) -> None:
        if isinstance(fact, ArtifactAdded):
            heard.append(fact.label)
            reported.set()

    watcher = Watcher()
    directory = Overtaken(os.fsencode(tmp_path), prefix=b"artifacts/task_1/", since=0, known=())
    watcher.add("task_1", [directory], emit)
    try:
        async with asyncio.timeout(10):
            await reported.wait()
    finally:
        await watcher.close()
    assert heard == ["late.txt"]
