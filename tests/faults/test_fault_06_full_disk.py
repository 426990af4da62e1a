"""FAULTS 6: without room tasks go on, everybody is told, and writing resumes; read-only is enough to look."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.desks import ROOT, TASKTUI, served, submit, task, until

pytestmark = pytest.mark.timeout(150)
ALONE = ("unshare", "--map-root-user", "--user", "--mount")
SMALL = 'mount -t tmpfs -o size=8m,mode=0700 tasktui "$1" && shift && exec "$@"'
READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'


def inside(mount: str, folder: Path, *argv: str, timeout_s: float = 100) -> subprocess.CompletedProcess[str]:
    """Run a program in a mount namespace of its own, in which `folder` is mounted so."""
    probe = subprocess.run(
        [*ALONE, "sh", "-c", mount, "sh", str(folder), "true"], capture_output=True, timeout=30, check=False
    )
    if probe.returncode:
        pytest.skip(f"no mount namespace here: {probe.stderr.decode().strip()}")
    return subprocess.run(
        [*ALONE, "sh", "-c", mount, "sh", str(folder), *argv],
        capture_output=True, text=True, timeout=timeout_s, check=False, cwd=ROOT,
    )  # fmt: skip


def test_a_full_disk_under_a_dashboard_with_a_task_running(own_home: Path, tmp_path: Path) -> None:
    own_home.mkdir(mode=0o700)
    worker = (sys.executable, "-m", "tests.faults.full_disk_worker", str(own_home), str(tmp_path))
    done = inside(SMALL, own_home, *worker)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "submit refused: True",
        "act refused: DiskFullError",
        "stats tell",
        "banner tells",
        "ls reads: True",
        "task goes on: True",
        "resumes",
        "code: 5",
        "banner gone",
    ]


def test_a_read_only_directory_is_read_and_says_why_no_more(own_home: Path) -> None:
    with served(own_home):
        kept = submit(own_home, "echo said; exit 3", name="kept")
        until(lambda: task(own_home, kept)["status"] == "failed")
    home = ("--home", str(own_home))
    for words in (("ls",), ("show", kept), ("logs", kept), ("timeline", kept)):
        read = inside(READ_ONLY, own_home, *TASKTUI, *home, *words)
        assert read.returncode == 0, (words, read.stderr)
        assert "kept" in read.stdout or "said" in read.stdout, words
    refused = inside(READ_ONLY, own_home, *TASKTUI, *home, "run", "-d", "--", "true")
    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr, refused.stderr
    assert str(own_home) in refused.stderr
