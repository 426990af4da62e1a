"""The capped output and its reader: whatever is written, what is kept is right and the rest is counted."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasktui.executors.output import OutputReader
from tasktui.executors.shim.output import CappedOutput

CAP = 4096
BLOCKS = st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(min_size=1, max_size=900)), max_size=40)


@settings(max_examples=60, deadline=None)
@given(blocks=BLOCKS, limit=st.integers(1, 1500))
def test_what_is_kept_is_what_was_written(blocks: list[tuple[int, bytes]], limit: int) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        directory = Path(name)
        patch.chdir(directory)
        output = CappedOutput(CAP)
        for stream, block in blocks:
            output.write(stream, block)
        reader = OutputReader(directory)
        written = b"".join(block for _, block in blocks)
        streams = b"".join(bytes([stream]) * len(block) for stream, block in blocks)

        assert reader.size == output.size == len(written)
        assert sum(file.stat().st_size for file in directory.iterdir()) <= CAP
        assert output.dropped == sum(end - start for start, end in reader.dropped())
        offset = kept = 0
        while (read := reader.read(offset, limit))[0]:
            data, offset = read
            assert data == written[offset - len(data) : offset]
            kept += len(data)
        assert kept == len(written) - output.dropped
        for start, _ in reader.ranges():
            for piece in reader.pieces(start, limit):
                end = piece.offset + len(piece.data)
                assert piece.data == written[piece.offset : end]
                assert set(streams[piece.offset : end]) == {piece.stream}


def test_the_head_and_the_end_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    output = CappedOutput(CAP)
    for number in range(4000):
        output.write(1, b"%06d\n" % number)
    reader = OutputReader(tmp_path)
    (start, end), *more = reader.dropped()
    assert not more
    assert 0 < start < end < reader.size == 28_000
    assert reader.read(0, 7) == (b"000000\n", 7)
    assert reader.read(27_993) == (b"003999\n", 28_000)
    data, after = reader.read(start + 1, 7)
    assert after - len(data) == end, "what was dropped is leapt over"


def test_a_reader_follows_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    output, reader = CappedOutput(CAP), OutputReader(tmp_path)
    assert (reader.size, reader.read(0), reader.pieces(0), reader.dropped()) == (0, (b"", 0), [], [])
    offset = 0
    for number in range(500):
        block = b"%d," % number * 5
        output.write(1 + number % 2, block)
        found = b""
        while (read := reader.read(offset))[0]:  # in two parts where a file is full
            found, offset = found + read[0], read[1]
        assert found == block
    assert reader.read(offset) == (b"", offset)


def test_files_of_others_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    CappedOutput(CAP).write(1, b"x")
    for name in ("tail.x.idx", "tail..idx", "tail.7.idx", "other.idx", "tail.9.log"):
        (tmp_path / name).touch()
    assert OutputReader(tmp_path).ranges() == [(0, 1)]
    assert OutputReader(tmp_path / "nowhere").size == 0


FULL = """
import resource, signal, sys
from tasktui.executors.shim import output
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
output.RETRY_S = 0
out = output.CappedOutput(1 << 20)
out.write(1, b"a" * 100)
resource.setrlimit(resource.RLIMIT_FSIZE, (150, resource.RLIM_INFINITY))
out.write(1, b"b" * 100)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
out.write(2, b"c" * 100)
print(out.size, out.dropped)
"""


def test_a_write_that_fails_is_counted_and_writing_resumes(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FULL],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert ran.stdout == "300 50\n"
    reader = OutputReader(tmp_path)
    assert reader.dropped() == [(150, 200)]
    assert reader.read(0)[0] + reader.read(150)[0] == b"a" * 100 + b"b" * 50 + b"c" * 100


OFTEN_FULL = """
import os, resource, signal, sys
from tasktui.executors.shim import output
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
output.RETRY_S = 0
def room(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
out = output.CappedOutput(8192, patient=sys.argv[1] == "patient")
out.write(1, b"a" * 7000)
for _ in range(5):
    room(0)
    out.write(1, b"b" * 10)
    room(resource.RLIM_INFINITY)
    out.again()
room(0)
out.write(1, b"c")
print(out.size, out.dropped, out.waits)
out.give_up()
print(out.size, out.dropped, out.waits)
"""


def often_full(directory: Path, how: str) -> list[str]:
    """What is counted where the disk is full again and again, before and after the last is given up."""
    return subprocess.run(
        [sys.executable, "-c", OFTEN_FULL, how],
        cwd=directory, env={"PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True, text=True, timeout=20, check=True,
    ).stdout.splitlines()  # fmt: skip


def test_what_was_kept_stays_however_often_the_disk_is_full(tmp_path: Path) -> None:
    assert often_full(tmp_path, "hasty") == ["7051 51 False"] * 2
    reader = OutputReader(tmp_path)
    assert reader.ranges() == [(0, 6120), (6120, 7000)]
    assert len(list(tmp_path.glob("*.log"))) == 2


def test_one_that_is_patient_has_no_hole(tmp_path: Path) -> None:
    assert often_full(tmp_path, "patient") == ["7050 0 True", "7051 1 False"]
    reader = OutputReader(tmp_path)
    assert reader.dropped() == []
    assert b"".join(reader.read(at)[0] for at in (0, 6120)) == b"a" * 7000 + b"b" * 50
