"""The demo without a terminal: real tasks, run quickly, printed as a list."""

from __future__ import annotations

import subprocess
import sys


def test_the_plain_demo_ends_well_and_prints_what_it_ran() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tasktui", "demo"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    words = [line.split()[2] for line in ran.stdout.splitlines()[1:]]
    finished = [word for word in words if word in {"done", "failed", "canceled", "timeout"}]
    assert len(finished) >= 6
    assert len(set(finished)) >= 3
    assert "question" in words
