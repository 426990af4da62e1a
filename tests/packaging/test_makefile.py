"""The first minute: what `make` says on a machine that lacks something, and that it does nothing twice."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.packaging.walls.finding import ROOT

TOOLS = ("make", "sh", "grep", "sed", "expand", "touch", "env", "rm", "find")
OLD = "#!/bin/sh\nexit 1\n"
WITHOUT_VENV = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\n'
WHOLE = """#!/bin/sh
echo "$0 $*" >> "$LOG"
if [ "$2" = venv ]; then mkdir -p .venv/bin; cp "$0" .venv/bin/python; : > .venv/bin/pip; fi
"""
TASKTUI = '#!/bin/sh\necho "tasktui $*"\n'


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder with the Makefile and its inputs, and `bin/` with the few tools that it may count on."""
    (tmp_path / "bin").mkdir()
    for tool in (*TOOLS, "mkdir", "cp"):
        found = shutil.which(tool)
        assert found, f"{tool} is missing"
        (tmp_path / "bin" / tool).symlink_to(found)
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def _program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def _make(bare: Path, *goals: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": str(bare / "bin"), "LOG": str(bare / "log"), "HOME": os.environ["HOME"]}
    return subprocess.run(
        [bare / "bin" / "make", *goals],
        cwd=bare,
        env=env,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_without_a_goal_it_lists_the_goals(bare: Path) -> None:
    ran = _make(bare)
    goals = {line.split()[1] for line in ran.stdout.splitlines()}
    assert goals >= {"run", "test", "check", "snapshots", "bench", "soak", "mutants", "clean"}


def test_without_python_it_says_so(bare: Path) -> None:
    ran = _make(bare, "run")
    assert ran.returncode != 0
    assert "tasktui needs Python 3.11 or newer and found none." in ran.stderr


def test_an_older_python_is_none(bare: Path) -> None:
    _program(bare / "bin" / "python3", OLD)
    assert "found none" in _make(bare, "test").stderr


def test_without_the_venv_package_it_names_it(bare: Path) -> None:
    _program(bare / "bin" / "python3", WITHOUT_VENV)
    ran = _make(bare, "check")
    assert ran.returncode != 0
    assert "apt-get install python3-venv" in ran.stderr
    assert not (bare / ".venv").exists()


def test_it_sets_up_once_and_again_when_the_pins_change(bare: Path) -> None:
    _program(bare / "bin" / "python3", WHOLE)
    _program(bare / "tasktui", TASKTUI)
    (bare / ".venv" / "bin").mkdir(parents=True)
    (bare / "tasktui").rename(bare / ".venv" / "bin" / "tasktui")
    log = bare / "log"
    first = _make(bare, "run")
    assert "tasktui demo" in first.stdout
    assert len([line for line in log.read_text().splitlines() if "pip install" in line]) == 1
    assert "[dev]" not in log.read_text()
    size = log.stat().st_size
    assert _make(bare, "run").returncode == 0
    assert log.stat().st_size == size
    newer = (bare / ".venv" / ".ready-run").stat().st_mtime + 1
    os.utime(bare / "constraints.txt", (newer, newer))
    assert _make(bare, "run").returncode == 0
    assert len([line for line in log.read_text().splitlines() if "pip install" in line]) == 2
