"""The rules of `tests/conftest.py`, on sessions of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.conftest import LEAVE_S, LEFT_RUNNING
from tests.packaging.walls.finding import ROOT

PATIENCE = f"LEAVE_S = {LEAVE_S}"
pytestmark = pytest.mark.timeout(150)
OURS = ("TESTS_OF_TASKTUI", "PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST")


def _session(folder: Path, test: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A session of one test file under our conftest, with nothing of the session around it."""
    ours = (ROOT / "tests" / "conftest.py").read_text()
    assert ours.count(PATIENCE) == 1
    # nothing that these tests leave running ends by itself
    (folder / "conftest.py").write_text(ours.replace(PATIENCE, "LEAVE_S = 1"))
    (folder / "test_sample.py").write_text(test)
    outer = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", str(folder)],
        cwd=folder,
        env={**outer, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "test",
    [
        "import pytest\ndef test_a(): pytest.skip('no tmux')\n",
        "import pytest\n@pytest.mark.skip(reason='no tmux')\ndef test_a(): pass\n",
        "import pytest\npytest.skip('no tmux', allow_module_level=True)\n",
    ],
)
def test_a_skip_fails_only_where_nothing_may_be_skipped(tmp_path: Path, test: str) -> None:
    strict = _session(tmp_path, test, TASKTUI_TEST_NO_SKIP="1")
    assert strict.returncode != 0
    assert "no tmux" in strict.stdout
    assert _session(tmp_path, test).returncode in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    test = "import pytest\n@pytest.mark.xfail(reason='known')\ndef test_a(): assert False\n"
    assert _session(tmp_path, test, TASKTUI_TEST_NO_SKIP="1").returncode == 0


def test_a_process_that_outlives_its_tests_fails_the_session_and_is_ended(tmp_path: Path) -> None:
    test = (
        "import subprocess, pathlib\n"
        "def test_leaves_one():\n"
        "    left = subprocess.Popen(['sleep', '60'], start_new_session=True)\n"
        "    pathlib.Path(__file__).with_name('pid').write_text(str(left.pid))\n"
        "    left.returncode = 0  # nobody waits for it\n"
    )
    ran = _session(tmp_path, test)
    pid = (tmp_path / "pid").read_text()
    assert ran.returncode == LEFT_RUNNING
    assert f"LEFT RUNNING {pid} sleep 60" in ran.stdout
    assert "test_leaves_one" in ran.stdout
    assert not psutil.pid_exists(int(pid)) or psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE


def test_the_world_outside_does_not_reach_a_test(tmp_path: Path) -> None:
    test = (
        "import os, pathlib\n"
        "def test_a(tmp_path):\n"
        "    assert os.environ['TASKTUI_HOME'] == str(tmp_path / 'home')\n"
        "    assert pathlib.Path.home().is_relative_to(tmp_path)\n"
        "    assert not {'NO_COLOR', 'COLUMNS', 'TASKTUI_LANES', 'TASKTUI_TEST_NO_SKIP'} & set(os.environ)\n"
    )
    outside = {"NO_COLOR": "1", "COLUMNS": "7", "TASKTUI_LANES": "x", "TASKTUI_TEST_NO_SKIP": "1"}
    ran = _session(tmp_path, test, **outside)
    assert ran.returncode == 0, ran.stdout
