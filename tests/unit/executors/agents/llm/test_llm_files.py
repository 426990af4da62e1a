"""Files of the working directory, and of nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tasktui.executors.agents.llm.program.files import LARGEST, MANY, Files, WrongFileError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    work = tmp_path / "work"
    (work / "sub").mkdir(parents=True)
    (work / "a.txt").write_text("one\ntwo\nthree\n")
    (work / "sub" / "b.py").write_text("x = 1\n")
    (tmp_path / "secret").write_text("not yours")
    return work


def test_reads_lines(root):
    files = Files(str(root))
    assert files.read("a.txt", 1, 100) == "one\ntwo\nthree\n"
    assert files.read("a.txt", 2, 1) == "two\n\n… 1 more lines"
    assert files.read("sub/../a.txt", 3, 5) == "three\n"


def test_lists_by_pattern(root):
    files = Files(str(root))
    assert files.listed(".", "*") == ["a.txt", "sub/"]
    assert files.listed(".", "**/*.py") == ["sub/b.py"]
    for number in range(MANY + 5):
        (root / "sub" / f"{number:04}").touch()
    assert files.listed("sub", "*")[-1] == "… and more"


def test_no_pattern_finds_what_lies_elsewhere(root):
    files = Files(str(root))
    (root / "out").symlink_to(root.parent)
    for pattern in ("../*", "sub/../../*", "../../etc/*"):
        with pytest.raises(WrongFileError):
            files.listed(".", pattern)
    assert "out/secret" not in files.listed(".", "*/*")


@pytest.mark.parametrize("path", ["../secret", "/etc/hostname", "link", "sub/../../secret", "a\0b"])
def test_what_lies_elsewhere_is_refused(root, path):
    (root / "link").symlink_to(root.parent / "secret")
    with pytest.raises(WrongFileError):
        Files(str(root)).known(path)


def test_what_is_no_text_is_refused_and_never_waited_for(root):
    (root / "bytes").write_bytes(b"\xff\xfe")
    os.mkfifo(root / "pipe")
    with (root / "large").open("wb") as file:
        file.truncate(LARGEST + 1)
    files = Files(str(root))
    for path, words in (
        ("bytes", "no text"),
        ("pipe", "no file"),
        ("large", "too large"),
        ("none", "no file"),
    ):
        with pytest.raises(WrongFileError, match=words):
            files.read(path, 1, 1)
    for path, pattern in (("a.txt", "*"), (".", ""), (".", "/etc/*")):
        with pytest.raises(WrongFileError):
            files.listed(path, pattern)


def test_only_what_was_shown_is_replaced(root):
    files = Files(str(root))
    place, before = files.known("new/c.txt")
    assert before is None
    files.replace(place, None, "fresh\r\n")
    assert place.read_bytes() == b"fresh\r\n"
    place, before = files.known("a.txt")
    place.write_text("somebody else was here")
    with pytest.raises(WrongFileError, match="changed meanwhile"):
        files.replace(place, before, "mine")
    assert place.read_text() == "somebody else was here"
