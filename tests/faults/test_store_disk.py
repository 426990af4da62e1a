"""A full disk, a directory that cannot be written: what is stored stays readable, writing resumes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_MOUNT = 'mount -t tmpfs -o size=3m,mode=0700 tasktui "$1" && shift && exec "$@"'


def _inside_a_small_disk(folder: Path, scenario: str) -> str:
    """Run a scenario of `disk_worker` in a mount namespace of its own, on a tmpfs of 3 MiB."""
    alone = ["unshare", "--map-root-user", "--user", "--mount"]
    probe = subprocess.run(
        [*alone, "sh", "-c", _MOUNT, "sh", str(folder), "true"], capture_output=True, timeout=30, check=False
    )
    if probe.returncode:
        pytest.skip(f"no mount namespace here: {probe.stderr.decode().strip()}")
    worker = [sys.executable, "-m", "tests.faults.disk_worker", scenario, str(folder)]
    done = subprocess.run(
        [*alone, "sh", "-c", _MOUNT, "sh", str(folder), *worker],
        capture_output=True, timeout=50, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_a_full_disk_is_named_and_writing_resumes_on_the_same_connection(tmp_path: Path) -> None:
    assert _inside_a_small_disk(tmp_path, "full") == "refused: DiskFullError\nread: True\nresumed: True\n"


def test_a_directory_that_becomes_read_only_stays_readable(tmp_path: Path) -> None:
    told = _inside_a_small_disk(tmp_path, "readonly")
    assert (
        told
        == "refused: StoreError\nread: True\nresumed: True\nopened: StoreError\nread: True\nplain: True\n"
    )


def test_what_was_closed_before_the_disk_was_full_stays_readable(tmp_path: Path) -> None:
    told = _inside_a_small_disk(tmp_path, "at rest")
    assert told == "plain: True\nopened: DiskFullError\nresumed: True\n"
