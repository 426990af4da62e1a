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
    assert ran.stdout == "300 100\n"
    reader = OutputReader(tmp_path)
    assert reader.dropped() == [(100, 200)]
    assert reader.read(0)[0] + reader.read(100)[0] == b"a" * 100 + b"c" * 100
