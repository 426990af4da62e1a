"""FAULTS 14: a watched directory may be deleted, renamed, made again; watching goes on, and stays inside."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tasktui.artifacts import watcher as watcher_room
from tasktui.artifacts.files import FileArtifacts
from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskWarning
from tasktui.domain.events.work import ArtifactAdded, ArtifactChanged, ArtifactRemoved
from tasktui.domain.records import Artifact
from tests.integration.executors.processes import best


class SystemClock:
    def now(self) -> int:
        return int(time.time() * 1000)

    def monotonic(self) -> float:
        return time.monotonic()


async def until(condition: Callable[[], object], within_s: float = 30.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.02)


@pytest.fixture
async def artifacts(tmp_path: Path) -> AsyncIterator[FileArtifacts]:
    files = FileArtifacts(tmp_path / "home", SystemClock())
    files.directory("t1").mkdir(parents=True)
    yield files
    await files.close()


def labels(facts: list[Data], kind: type[ArtifactAdded] = ArtifactAdded) -> list[str]:
    return [fact.label for fact in facts if isinstance(fact, kind)]


def changed_ms(probe: Path) -> int:
    """When a file that is written now counts as changed."""
    probe.write_text("")
    return probe.stat().st_ctime_ns // 1_000_000


@pytest.mark.feature(127)
async def test_files_that_appear_change_and_go_are_reported(artifacts: FileArtifacts, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "old").write_text("before the run")
    since = SystemClock().now() + 1
    await until(lambda: changed_ms(tmp_path / "probe") > since)  # the clock of files is behind, and coarse
    facts: list[Data] = []
    artifacts.watch("t1", [out], facts.append, since=since)
    (out / "sub").mkdir()
    (out / "sub" / "new.txt").write_text("1")
    (artifacts.directory("t1") / "own.txt").write_text("2")
    await until(lambda: {"sub/new.txt", "own.txt"} <= set(labels(facts)))
    (out / "sub" / "new.txt").write_text("longer")
    await until(lambda: any(isinstance(fact, ArtifactChanged) and fact.size == 6 for fact in facts))
    (out / "sub" / "new.txt").unlink()
    await until(lambda: any(isinstance(fact, ArtifactRemoved) for fact in facts))
    assert "old" not in labels(facts)


async def test_a_root_that_is_deleted_and_made_again_is_watched_again_within_two_seconds(
    artifacts: FileArtifacts, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    facts: list[Data] = []
    artifacts.watch("t1", [out], facts.append)
    (out / "first").write_text("1")
    await until(lambda: "first" in labels(facts))
    (out / "first").unlink()

    async def make_again(number: int) -> float:
        for left in out.iterdir():
            left.unlink()
        out.rmdir()
        out.mkdir()
        began = time.monotonic()
        (out / f"second {number}").write_text("2")
        await until(lambda: f"second {number}" in labels(facts))
        return time.monotonic() - began

    bound_s = watcher_room.CHECK_S + 1.5
    assert await best(make_again, bound_s) <= bound_s
    (out / "third").write_text("3")
    await until(lambda: "third" in labels(facts))


async def test_a_root_that_is_renamed_away_is_not_followed(artifacts: FileArtifacts, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    facts: list[Data] = []
    artifacts.watch("t1", [out], facts.append)
    (out / "first").write_text("1")
    await until(lambda: "first" in labels(facts))
    out.rename(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "stray").write_text("not ours")
    await until(lambda: artifacts._watcher._roots["t1"][1].stale)
    out.mkdir()
    (out / "back").write_text("2")
    await until(lambda: "back" in labels(facts))
    assert "stray" not in labels(facts)


async def test_a_link_out_of_the_root_is_never_followed(artifacts: FileArtifacts, tmp_path: Path) -> None:
    out, away = tmp_path / "out", tmp_path / "away"
    out.mkdir()
    away.mkdir()
    (out / "door").symlink_to(away, target_is_directory=True)
    facts: list[Data] = []
    artifacts.watch("t1", [out], facts.append)
    (away / "private").write_text("x")
    (out / "mine").write_text("x")
    await until(lambda: "mine" in labels(facts))
    await artifacts.unwatch("t1")
    assert labels(facts) == ["mine"]


async def test_without_watches_left_directories_are_polled_and_a_warning_says_so(
    artifacts: FileArtifacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = watcher_room.watchfiles.awatch

    def no_inotify(*paths: str, force_polling: bool = False, **options: object) -> object:
        if not force_polling:
            raise OSError(28, "OS file watch limit reached")
        return real(*paths, force_polling=True, **options)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(watcher_room.watchfiles, "awatch", no_inotify)
    out = tmp_path / "out"
    out.mkdir()
    facts: list[Data] = []
    artifacts.watch("t1", [out], facts.append)
    await until(lambda: any(isinstance(fact, TaskWarning) and fact.code == "watch_polling" for fact in facts))
    (out / "late").write_text("x")
    await until(lambda: "late" in labels(facts))
    assert artifacts._watcher.polling


async def test_the_last_look_finds_what_no_event_told(artifacts: FileArtifacts) -> None:
    facts: list[Data] = []
    artifacts.watch("t1", [], facts.append)
    (artifacts.directory("t1") / "quick.txt").write_text("done before any watch was armed")
    await artifacts.unwatch("t1")
    assert labels(facts) == ["quick.txt"]


async def test_what_the_manager_writes_is_not_reported_a_second_time(artifacts: FileArtifacts) -> None:
    facts: list[Data] = []
    artifacts.watch("t1", [], facts.append)
    written = await artifacts.write("t1", "result of it", b"content", role="result")
    assert isinstance(written, ArtifactAdded)
    assert (artifacts._home / written.path).stat().st_mode & 0o777 == 0o600
    await artifacts.unwatch("t1")
    assert facts == []


async def test_a_new_owner_does_not_report_again_what_the_old_one_did(artifacts: FileArtifacts) -> None:
    (artifacts.directory("t1") / "made.txt").write_text("1")
    facts: list[Data] = []
    artifacts.watch("t1", [], facts.append)
    await artifacts.unwatch("t1")
    (added,) = facts
    assert isinstance(added, ArtifactAdded)
    known = Artifact(
        task_id="t1", artifact_id=added.artifact_id, label=added.label, path=added.path, role=added.role,
        source=added.source, size_bytes=added.size, created_at=0, changed_at=0,
    )  # fmt: skip
    again: list[Data] = []
    artifacts.watch("t1", [], again.append, known=[known])
    await artifacts.unwatch("t1")
    assert labels(again) == []
