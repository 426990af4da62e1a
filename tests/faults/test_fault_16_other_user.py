"""FAULTS 16: another user of the machine reads and controls nothing, even where a door was left open."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tasktui.service.owner import read_owner
from tests.faults.desks import address, served, submit, task, tasktui, until

STRANGER = Path(__file__).with_name("stranger.py")
pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user: run it as root"),
    pytest.mark.timeout(150),
]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that everybody may enter, as /tmp or a shared disk is."""
    folder = Path(tempfile.mkdtemp(prefix="tasktui-shared-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def below(home: Path) -> list[Path]:
    """The data directory and everything in it, the deepest first."""
    return [*sorted(home.rglob("*"), reverse=True), home]


def stranger(home: Path, port: int) -> list[str]:
    """What another user could do to the owner and its files."""
    info = read_owner(home)
    assert info is not None
    # read here, for the other user may not even read our source
    argv = [sys.executable, "-c", STRANGER.read_text(), str(port), str(info.pid), *map(str, below(home))]
    ran = subprocess.run(argv, capture_output=True, text=True, timeout=50, check=False)
    assert ran.returncode == 0, ran.stderr
    return list(json.loads(ran.stdout))


def modes(home: Path) -> dict[Path, int]:
    """The modes of all that is there and stays."""
    found = {}
    for path in below(home):
        with suppress(FileNotFoundError):
            found[path] = path.lstat().st_mode
    return found


@pytest.mark.feature(151)
def test_another_user_reads_nothing_and_controls_nothing(place: Path) -> None:
    home = place / "home"
    with served(home, "--listen", "127.0.0.1:0"):
        port = int(address(home).rpartition(":")[2])
        made = submit(home, "echo here; read line", name="waits", env={"PATH": os.environ["PATH"]})
        until((home / "tasks" / made / "out.log").exists)
        assert tasktui("--home", str(home), "token").returncode == 0
        kinds = {stat.S_IFMT(mode) for mode in modes(home).values()}
        assert {stat.S_IFSOCK, stat.S_IFIFO, stat.S_IFREG, stat.S_IFDIR} <= kinds
        assert {path.name for path in below(home)} >= {
            "tasktui.sock", "watch.sock", "tasktui.db", "owner.lock", "api.token", "out.log",
        }  # fmt: skip
        assert [str(path) for path, mode in modes(home).items() if mode & 0o077] == []
        assert stranger(home, port) == []

        # somebody opened the directory and even the sockets: the files are closed, the kernel says who asks
        home.chmod(0o755)
        for name in ("tasktui.sock", "watch.sock"):
            (home / name).chmod(0o777)
        assert stranger(home, port) == [f"read {home}", f"look {home}"]
        home.chmod(0o700)
        assert task(home, made)["status"] == "running"
        tasktui("--home", str(home), "cancel", "--force", made)
