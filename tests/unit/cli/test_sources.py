"""What can be imported is recognised and read bit by bit; garbage costs itself and nothing else."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktui.cli.sources import Found, Given, read_path, read_stream
from tasktui.cli.unpacking import Piece, Unpacker
from tasktui.compat.chronicle import Unreadable
from tasktui.domain.errors import InvalidError, StoreError

HEAD = {"tasktui_export": 1}
TASK = [{"task": {"id": "a"}}, {"event": {}}, {"file": {"path": "p", "offset": 0, "data": "eA=="}}]
END = {"end": {"task_id": "a", "events": 1}}


def read(*lines: object) -> list[Found]:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return list(read_stream(io.BytesIO(text.encode()), "x", None))


def test_a_task_comes_after_its_files() -> None:
    piece, task = read(HEAD, *TASK, END)
    assert piece == Piece("a", "p", 0, b"x")
    assert isinstance(task, Given)
    assert task.history == {"task_id": "a", "events": [{}], "live": [], "origin": "tasktui"}


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([*TASK], ("a", "it was cut off")),
        ([*TASK, "{", END], ("a", "line 5 is broken")),
        ([*TASK, {"end": {"events": 2}}], ("a", "1 of 2 events are there")),
        ([*TASK, {"end": None}], ("a", "1 of None events are there")),
        ([{"event": {}}], ("line 2", "it belongs to no task")),
        ([*TASK, {"file": {"path": "p", "offset": 0, "data": "="}}, END], ("a", "line 5 is broken")),
    ],
)
def test_a_broken_line_costs_its_task(lines: list[object], told: tuple[str, str]) -> None:
    *_, wrong = read(HEAD, *lines)
    assert wrong == Unreadable(*told)


def test_the_task_after_a_broken_one_is_read() -> None:
    found = [one for one in read(HEAD, *TASK, *TASK, END) if not isinstance(one, Piece)]
    assert [type(one) for one in found] == [Unreadable, Given]


def test_an_export_of_a_newer_version_is_refused() -> None:
    with pytest.raises(InvalidError, match="newer"):
        read({"tasktui_export": 2})


@given(st.lists(st.binary(max_size=40) | st.sampled_from([json.dumps(one).encode() for one in (*TASK, END)])))
def test_any_lines_are_read_or_told(lines: list[bytes]) -> None:
    text = b"\n".join([json.dumps(HEAD).encode(), *lines])
    for one in read_stream(io.BytesIO(text), "x", None):
        assert isinstance(one, Given | Piece | Unreadable)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    try:
        list(read_stream(io.BytesIO(text), "x", None))
    except InvalidError:
        return


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="No such file"):
        list(read_path(tmp_path / "none", None))
    assert list(read_path(tmp_path, None)) == []


# --- the files


def unpacked(home: Path, *pieces: tuple[str, int, bytes], known: bool = False) -> Unpacker:
    home.mkdir(exist_ok=True)
    unpacker = Unpacker(home, lambda _: known)
    for path, offset, data in pieces:
        unpacker.put(Piece("a", path, offset, data))
    return unpacker


def test_pieces_become_a_file(tmp_path: Path) -> None:
    path = "tasks/a/run.1/out%25.log"
    unpacker = unpacked(tmp_path, (path, 0, b"one "), (path, 4, b"two"), ("artifacts/a/e", 0, b""))
    file = tmp_path / "tasks/a/run.1/out%.log"
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"one two", 0o600)
    assert (tmp_path / "tasks/a").stat().st_mode & 0o777 == 0o700
    unpacker.forget("a", keep=True)
    assert (tmp_path / "artifacts/a/e").exists()


def test_files_of_a_task_that_is_here_stay_as_they_are(tmp_path: Path) -> None:
    unpacked(tmp_path, ("tasks/a/out.log", 0, b"mine"))
    unpacker = unpacked(tmp_path, ("tasks/a/out.log", 0, b"theirs"), known=True)
    unpacker.forget("a", keep=False)
    assert (tmp_path / "tasks/a/out.log").read_bytes() == b"mine"


def test_files_of_a_task_that_is_refused_go(tmp_path: Path) -> None:
    unpacked(tmp_path, ("tasks/a/out.log", 0, b"x"), ("artifacts/a/b", 0, b"x")).forget("a", keep=False)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tasks/a",
        "tasks/a/",
        "tasks/b/x",
        "x/a/x",
        "/tasks/a/x",
        "tasks/a/../x",
        "tasks/a/env",
        "tasks/a/%00",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(InvalidError, match="Not a file of a"):
        unpacked(tmp_path, (path, 0, b"x"))


@given(st.text(max_size=30), st.integers(-2, 9))
def test_no_path_leads_out(tmp_path_factory: pytest.TempPathFactory, path: str, offset: int) -> None:
    root = tmp_path_factory.mktemp("home")
    with contextlib.suppress(InvalidError, StoreError):
        unpacked(root / "home", (f"tasks/a/{path}", offset, b"x"))
    own = root / "home" / "tasks" / "a"
    assert all(own in found.parents for found in root.rglob("*") if found.is_file())


def test_no_link_is_followed(tmp_path: Path) -> None:
    home, out = tmp_path / "home", tmp_path / "out"
    (home / "tasks").mkdir(parents=True)
    out.mkdir()
    (home / "tasks" / "a").symlink_to(out)
    with pytest.raises(StoreError):
        unpacked(home, ("tasks/a/x", 0, b"x"))
    (home / "artifacts" / "a").mkdir(parents=True)
    (home / "artifacts" / "a" / "x").symlink_to(out / "y")
    with pytest.raises(StoreError):
        unpacked(home, ("artifacts/a/x", 0, b"x"))
    assert not list(out.iterdir())
