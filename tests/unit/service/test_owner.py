from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tasktui.domain.errors import FencedError, RefusedError
from tasktui.service.owner import LOCK_NAME, OwnerInfo, OwnerLock, read_owner
from tasktui.service.places import LONGEST, check_private, private_directory, socket_path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "h"


def held(home: Path, *, take_over: bool = False) -> OwnerLock:
    lock = OwnerLock.acquire(home, version="1.2", take_over=take_over)
    assert lock is not None
    return lock


def test_the_first_owns_and_tells_others_where_to_knock(home: Path) -> None:
    lock = held(home)
    lock.announce(7)
    assert read_owner(home) == OwnerInfo(os.getpid(), 7, str(lock.socket), "1.2")
    assert json.loads((home / LOCK_NAME).read_text())["epoch"] == 7
    lock.release()


def test_the_second_does_not(home: Path) -> None:
    lock = held(home)
    assert OwnerLock.acquire(home) is None
    assert read_owner(home) == OwnerInfo(os.getpid(), 0, str(lock.socket), "1.2")
    lock.release()


def test_after_the_end_in_order_nobody_is_named_and_the_next_may(home: Path) -> None:
    lock = held(home)
    lock.release()
    lock.release()
    assert read_owner(home) is None
    assert not lock.is_current()
    held(home).release()


def test_it_is_free_at_once_though_a_child_that_begins_still_has_the_file(home: Path) -> None:
    lock = held(home)
    of_the_child = os.dup(lock._fd)  # as after a fork, until exec closes it
    lock.release()
    held(home).release()
    os.close(of_the_child)


def test_a_shorter_telling_leaves_nothing_of_a_longer_one(home: Path) -> None:
    lock = held(home)
    lock.announce(10**12)
    lock.announce(1)
    found = read_owner(home)
    assert found is not None
    assert found.epoch == 1
    lock.release()


def test_files_and_directory_are_for_nobody_else(home: Path) -> None:
    before = os.umask(0)
    try:
        lock = held(home)
    finally:
        os.umask(before)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / LOCK_NAME).stat().st_mode) == 0o600
    lock.release()


def test_a_process_that_takes_over_ends_the_ownership_of_the_other(home: Path) -> None:
    old = held(home)
    old.announce(1)
    new = held(home, take_over=True)
    new.announce(2)
    assert new.is_current()
    assert not old.is_current()
    with pytest.raises(FencedError):
        old.ensure()
    with pytest.raises(FencedError):
        old.announce(3)
    old.release()
    found = read_owner(home)
    assert found is not None
    assert found.epoch == 2
    assert OwnerLock.acquire(home) is None
    new.release()


def test_taking_over_from_nobody_is_becoming_the_owner(home: Path) -> None:
    lock = held(home, take_over=True)
    assert lock.is_current()
    lock.release()


def test_of_two_that_take_over_at_once_one_does(home: Path) -> None:
    old = held(home)
    taking = os.open(home / "owner.taking", os.O_RDWR | os.O_CREAT, 0o600)
    import fcntl

    fcntl.flock(taking, fcntl.LOCK_EX)
    assert OwnerLock.acquire(home, take_over=True) is None
    assert old.is_current()
    os.close(taking)
    old.release()


def test_the_lock_ends_with_its_process(home: Path) -> None:
    code = (
        "import os, pathlib, sys; from tasktui.service.owner import OwnerLock;"
        "lock = OwnerLock.acquire(pathlib.Path(sys.argv[1])); print(bool(lock), flush=True); os._exit(9)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(home)], capture_output=True, text=True, timeout=20, check=False
    )
    assert ran.stdout.strip() == "True"
    assert read_owner(home) is not None
    held(home).release()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": "x", "epoch": 1, "socket": "s"}'])
def test_a_lock_file_of_nonsense_names_nobody(home: Path, text: str) -> None:
    home.mkdir()
    (home / LOCK_NAME).write_text(text)
    assert read_owner(home) is None


def test_a_lock_file_that_is_a_link_is_not_followed(home: Path, tmp_path: Path) -> None:
    home.mkdir(mode=0o700)
    (tmp_path / "victim").write_text("precious")
    (home / LOCK_NAME).symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match="symbolic"):
        OwnerLock.acquire(home)
    assert (tmp_path / "victim").read_text() == "precious"


def test_a_data_directory_open_to_others_is_refused(home: Path) -> None:
    home.mkdir()
    home.chmod(0o755)
    with pytest.raises(RefusedError, match="chmod 700"):
        OwnerLock.acquire(home)


def test_the_socket_lies_in_the_data_directory(home: Path) -> None:
    assert socket_path(home).parent == home


def test_a_long_data_directory_has_its_socket_in_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("x" * 100)
    monkeypatch.setenv("TMPDIR", "/tmp/t")
    path = socket_path(long)
    assert path.is_relative_to("/tmp/t")
    assert len(os.fsencode(path)) <= LONGEST
    assert socket_path(tmp_path / ("y" * 100)) != path
    monkeypatch.setenv("TMPDIR", str(tmp_path / ("z" * 100)))
    assert len(os.fsencode(socket_path(long))) <= LONGEST


def test_a_directory_prepared_by_somebody_else_is_refused(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(real)
    with pytest.raises(RefusedError, match="Not a directory"):
        private_directory(tmp_path / "link")
    with pytest.raises(RefusedError, match="another user"):
        check_private(Path("/") if os.geteuid() else _nobodys(tmp_path))


def _nobodys(tmp_path: Path) -> Path:
    path = tmp_path / "nobodys"
    path.mkdir(mode=0o700)
    os.chown(path, 65534, 65534)
    return path


@pytest.mark.parametrize("module", ["owner", "light", "starting", "places", "peer"])
def test_what_quick_commands_need_loads_the_standard_library_alone(module: str) -> None:
    heavy = ("fastapi", "uvicorn", "httpx", "pydantic", "asyncio", "textual", "subprocess", "tempfile")
    code = f"import sys, tasktui.service.{module}; print([n for n in {heavy} if n in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True)
    assert ran.stdout.strip() == "[]"
