"""Patterns choose among the files of a watched directory, never among the task's own."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from tasktui.artifacts.files import FileArtifacts
from tasktui.domain.events.base import Data
from tasktui.domain.events.work import ArtifactAdded, ArtifactChanged
from tasktui.manager.clock import SystemClock

TASK = "task_0000000000000000"


async def test_only_what_the_patterns_want_is_reported(tmp_path: Path) -> None:
    watched = tmp_path / "out"
    (watched / "deep").mkdir(parents=True)
    artifacts = FileArtifacts(tmp_path / "home", SystemClock(), globs=("*.xml",))
    own = artifacts.directory(TASK)
    own.mkdir(parents=True)
    facts: list[Data] = []
    artifacts.watch(TASK, [watched], facts.append)
    (own / "own.bin").write_bytes(b"1")
    for name in ("no.txt", "yes.xml", "deep/also.xml"):
        (watched / name).write_bytes(b"1")
    await artifacts.unwatch(TASK)
    await artifacts.close()
    assert {fact.label for fact in facts if isinstance(fact, ArtifactAdded)} == {
        "own.bin",
        "yes.xml",
        "deep/also.xml",
    }


async def test_a_change_of_an_unwanted_file_is_no_news(tmp_path: Path) -> None:
    watched = tmp_path / "out"
    watched.mkdir()
    artifacts = FileArtifacts(tmp_path / "home", SystemClock(), globs=("*.xml",))
    artifacts.directory(TASK).mkdir(parents=True)
    facts: list[Data] = []
    artifacts.watch(TASK, [watched], facts.append)
    (watched / "no.txt").write_bytes(b"1")
    (watched / "yes.xml").write_bytes(b"1")
    async with asyncio.timeout(30):
        while not facts:
            await asyncio.sleep(0.01)
    for name in ("no.txt", "yes.xml"):
        (watched / name).write_bytes(b"22")
        os.utime(watched / name, (1, 1))
    await artifacts.unwatch(TASK)
    await artifacts.close()
    assert [type(fact) for fact in facts] == [ArtifactAdded, ArtifactChanged]
