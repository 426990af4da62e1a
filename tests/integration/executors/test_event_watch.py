"""Noticing that a task's event file grew, by the kernel or, past its limits, by looking."""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tasktui.executors import event_watch
from tasktui.executors.event_watch import EVENTS, EventWatch
from tests.integration.executors.processes import until


@contextmanager
def watching(*directories: Path) -> Iterator[tuple[EventWatch, list[str]]]:
    watch, seen = EventWatch(), list[str]()
    for directory in directories:
        directory.mkdir(exist_ok=True)
        watch.add(directory, partial(seen.append, directory.name))
    try:
        yield watch, seen
    finally:
        watch.close()


def append(directory: Path) -> None:
    with (directory / EVENTS).open("ab") as file:
        file.write(b"{}\n")


async def test_a_new_file_and_each_growth_are_noticed(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    with watching(a, b) as (watch, seen):
        for directory in (a, a, b, a, b):
            seen.clear()
            append(directory)
            await until(partial(seen.__contains__, directory.name))
            assert set(seen) == {directory.name}
        watch.remove(a)
        append(a)
        append(b)
        await until(lambda: seen[-1] == "b" and len(seen) > 1)
        assert "a" not in seen


async def test_a_file_that_was_there_before_and_one_moved_into_place(tmp_path: Path) -> None:
    append(tmp_path)
    with watching(tmp_path) as (_, seen):
        append(tmp_path)
        await until(lambda: seen)
        (tmp_path / "new").write_bytes(b"{}\n")
        seen.clear()
        (tmp_path / "new").rename(tmp_path / EVENTS)
        await until(lambda: seen)
        await asyncio.sleep(2 * event_watch.PAUSE_S)
        seen.clear()
        append(tmp_path)
        await until(lambda: seen)


async def test_a_flood_of_lines_is_few_calls(tmp_path: Path) -> None:
    with watching(tmp_path) as (_, seen):
        for _ in range(200):
            append(tmp_path)
            await asyncio.sleep(0)
        await until(lambda: seen)
        assert len(seen) < 100


async def test_after_more_than_the_kernel_remembers_every_file_is_watched(tmp_path: Path) -> None:
    """It forgot to tell of the file's begin, and its growth is told only of a file that is watched."""
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if most > 100_000:
        pytest.skip("this machine remembers too much")
    busy, quiet = tmp_path / "busy", tmp_path / "quiet"
    with watching(busy, quiet) as (_, seen):
        names = [busy / str(number) for number in range(most // 2 + 1)]
        for _ in range(2):
            for name in names:
                name.touch()
                name.unlink()
        append(quiet)
        await until(partial(seen.__contains__, "quiet"))
        await asyncio.sleep(2 * event_watch.PAUSE_S)
        seen.clear()
        append(quiet)
        await until(partial(seen.__contains__, "quiet"))


async def test_where_the_kernel_refuses_files_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_watch, "POLL_S", 0.05)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(0)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, limits[1]))
    try:
        watch = EventWatch()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    seen: list[int] = []
    watch.add(tmp_path, lambda: seen.append(1))
    append(tmp_path)
    await until(lambda: seen)
    before = len(seen)
    append(tmp_path)
    await until(lambda: len(seen) > before)
    watch.remove(tmp_path)
    watch.close()
