"""FAULTS 6: an agent waits for room on the disk; nothing that it or a person said is lost or doubled."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.faults.test_fault_06_full_disk import SMALL, inside

pytestmark = pytest.mark.timeout(150)
RUNS = 'mount -t tmpfs -o size=2m,mode=0700 tasktui "$1" && shift && exec "$@"'
"""A small disk for the runs of tasks; the database has room."""


def seen(scenario: str, home: Path, work: Path, *, alone: bool = True) -> list[str]:
    """Play a scenario of `agent_disk_worker` on a small disk; `alone`: the runs of tasks lie on it."""
    (home / "tasks").mkdir(mode=0o700, parents=True)
    home.chmod(0o700)
    worker = (sys.executable, "-m", "tests.faults.agent_disk_worker", scenario, str(home), str(work))
    done = inside(RUNS, home / "tasks", *worker) if alone else inside(SMALL, home, *worker)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_an_agent_waits_in_its_words_and_none_is_lost(own_home: Path, tmp_path: Path) -> None:
    assert seen("hears", own_home, tmp_path / "work") == [
        "goes on: running", "ended: completed", "heard all: True", "left: []",
    ]  # fmt: skip


def test_what_ends_meanwhile_has_ended_once_its_last_words_are_kept(own_home: Path, tmp_path: Path) -> None:
    assert seen("ended", own_home, tmp_path / "work") == ["ended: False", "code: 5 0", "kept all: True"]


def test_an_agent_that_waits_for_room_can_be_canceled(own_home: Path, tmp_path: Path) -> None:
    assert seen("canceled", own_home, tmp_path / "work") == ["ended: canceled", "left: []"]


def test_an_answer_waits_until_it_can_be_written_down(own_home: Path, tmp_path: Path) -> None:
    assert seen("told", own_home, tmp_path / "work") == [
        "said: True", "goes on: running", "ended: completed True", "said once: 1",
    ]  # fmt: skip


def test_a_message_that_waited_when_its_owner_died_is_said_by_the_next(
    own_home: Path, tmp_path: Path
) -> None:
    assert seen("killed", own_home, tmp_path / "work") == [
        "taken: True", "said: True", "ended: completed", "heard all: True", "left: []",
        "message: delivered True", "said once: 1", "done once: 1",
    ]  # fmt: skip


def test_what_waits_in_the_queue_waits_for_room_too(own_home: Path, tmp_path: Path) -> None:
    assert seen("queued", own_home, tmp_path / "work") == [
        "wait: ['queued', 'queued', 'queued']", "ended: ['completed', 'completed', 'completed']",
        "trouble: None",
    ]  # fmt: skip


def test_an_answer_to_a_command_waits_for_room_and_comes_whole(own_home: Path, tmp_path: Path) -> None:
    assert seen("answered", own_home, tmp_path / "work") == [
        "nothing torn: True", "ended: completed", "told once: True",
    ]  # fmt: skip


def test_what_is_taken_on_a_disk_that_fills_up_is_heard_once(own_home: Path, tmp_path: Path) -> None:
    assert seen("everything", own_home, tmp_path / "work", alone=False) == [
        "refused: True", "degraded: True", "ended: completed", "heard all: True", "left: []",
        "taken is heard once: True", "verdicts: True",
    ]  # fmt: skip


def test_an_owner_that_died_on_a_full_disk_is_followed_once_there_is_room(
    own_home: Path, tmp_path: Path
) -> None:
    assert seen("reopened", own_home, tmp_path / "work", alone=False) == [
        "serve: True True False", "ended: completed", "heard all: True", "left: []",
    ]  # fmt: skip
