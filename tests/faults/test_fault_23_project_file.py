"""FAULTS 23: what a cloned repository brings along sets looks, and starts nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.faults.desks import ROOT, TASKTUI

pytestmark = pytest.mark.timeout(200)

WANTS = {
    "a command": 'command = "touch {0}"',
    "a hook": '[hooks]\nstart = "touch {0}"',
    "a server": 'server = "http://evil.example"',
    "an approval": "auto_approve = true",
    "keys": '[keymap]\n"task.cancel" = "j"',
    "a data directory": 'home = "{0}"',
    "lanes": "[lanes]\ndefault = 1000",
    "the mouse": "mouse = false",
}


def in_repository(repository: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a directory of a cloned repository."""
    below = repository / "src"
    below.mkdir(exist_ok=True)
    return subprocess.run(
        [*TASKTUI, *words], cwd=below, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("what", WANTS)
def test_a_project_that_wants_more_is_refused_by_name(own_home: Path, tmp_path: Path, what: str) -> None:
    repository = tmp_path / "cloned"
    repository.mkdir()
    wanted = WANTS[what].format(tmp_path / "owned")
    (repository / ".tasktui.toml").write_text(wanted + "\n")
    key = wanted.removeprefix("[").split("]")[0].split(" ")[0]
    for words in (("ls",), ("run", "-d", "--", "true"), ()):
        refused = in_repository(repository, *words)
        assert refused.returncode not in {0, 1}, (words, refused)
        assert refused.stdout == ""
        assert str(repository / ".tasktui.toml") in refused.stderr
        assert key in refused.stderr
        assert "Traceback" not in refused.stderr
    assert not (tmp_path / "owned").exists()
    assert not own_home.exists(), "nothing was started"


def test_a_project_may_set_looks(own_home: Path, tmp_path: Path) -> None:
    (tmp_path / ".tasktui.toml").write_text('theme = "ansi"\nartifact_globs = ["*.md"]\n')
    assert in_repository(tmp_path, "ls").returncode == 0
