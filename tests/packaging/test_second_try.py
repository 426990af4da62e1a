"""What failed beside others runs once more alone, and what failed for another reason does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.test_session import OURS
from tests.packaging.walls.finding import ROOT
from tests.second_try import MOST

BESIDE_OTHERS = """
import os, pytest
@pytest.mark.xdist_group("a@b")
@pytest.mark.parametrize("mail", ["x@y"])
def test_of_chance(mail): assert "PYTEST_XDIST_WORKER" not in os.environ, "beside others"
def test_is_run_once():
    with open("ran", "a") as ran: ran.write("x")
"""
pytestmark = pytest.mark.timeout(150)


def _run(folder: Path, test: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_sample.py").write_text(test)
    outer = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return subprocess.run(
        [sys.executable, "-m", "tests.second_try", "--rootdir", str(folder), *options, str(folder)],
        cwd=folder, env={**outer, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip


def test_what_failed_beside_others_and_passes_alone_is_named(tmp_path: Path) -> None:
    ran = _run(tmp_path, BESIDE_OTHERS, "-n", "2", "--dist", "loadgroup")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "AssertionError: beside others" in ran.stdout, "what it looked like"
    assert ran.stdout.endswith("looked like:\n  test_sample.py::test_of_chance[x@y]\n")
    assert (tmp_path / "ran").read_text() == "x"


def test_a_fault_fails_both_times(tmp_path: Path) -> None:
    ran = _run(tmp_path, "def test_a(): assert False\n")
    assert (ran.returncode, ran.stdout.count("1 failed")) == (1, 2)
    assert "passed alone" not in ran.stdout


def test_more_than_a_few_are_no_chance(tmp_path: Path) -> None:
    ran = _run(tmp_path, "".join(f"def test_{number}(): assert False\n" for number in range(MOST + 1)))
    assert (ran.returncode, ran.stdout.count(f"{MOST + 1} failed")) == (1, 1)
    assert "Once more" not in ran.stdout


def test_what_cannot_be_collected_is_no_chance(tmp_path: Path) -> None:
    ran = _run(tmp_path, "import nothing_of_this_name\n")
    assert ran.returncode == pytest.ExitCode.INTERRUPTED, ran.stdout
    assert "Once more" not in ran.stdout


def test_a_process_that_is_left_is_not_forgotten_over_a_second_try(tmp_path: Path) -> None:
    ours = (ROOT / "tests" / "conftest.py").read_text()
    (tmp_path / "conftest.py").write_text(ours.replace("LEAVE_S = 20", "LEAVE_S = 1"))
    ran = _run(
        tmp_path,
        "import os, subprocess\n"
        "def test_leaves_one_and_fails():\n"
        "    left = subprocess.Popen(['sleep', '60'], start_new_session=True)\n"
        "    left.returncode = 0  # nobody waits for it\n"
        "    assert False\n",
    )
    assert ran.returncode not in {0, 1}
    assert "LEFT RUNNING" in ran.stdout
    assert "Once more" not in ran.stdout
