"""Lines put together from pieces of two streams."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasktui.executors.output import OutputReader
from tasktui.executors.output_lines import MAX_LINE_BYTES, LineFollower, OutputLine, last_lines
from tasktui.executors.shim.output import CappedOutput

CAP = 1 << 24


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CappedOutput:
    monkeypatch.chdir(tmp_path)
    return CappedOutput(CAP)


def all_lines(follower: LineFollower, limit: int = 1 << 18) -> list[OutputLine]:
    lines: list[OutputLine] = []
    before = -1
    while follower.offset != before:
        before = follower.offset
        lines += follower.read(limit)
    return lines


def test_lines_of_two_streams_that_interrupt_each_other(output: CappedOutput, tmp_path: Path) -> None:
    for stream, data in ((1, b"one "), (2, b"err\nmo"), (1, b"line\ntwo"), (2, b"re\n")):
        output.write(stream, data)
    follower = LineFollower(OutputReader(tmp_path))
    lines = all_lines(follower)
    assert [(line.stream, line.offset, line.end, line.data) for line in lines] == [
        (2, 4, 8, b"err"),
        (1, 0, 15, b"one line"),
        (2, 8, 21, b"more"),
    ]
    assert [line.data for line in follower.unfinished()] == [b"two"]
    output.write(1, b" too\n")
    assert [line.data for line in follower.read()] == [b"two too"]
    assert follower.unfinished() == []


def test_a_follower_of_one_stream_goes_on_from_the_end_of_a_line(
    output: CappedOutput, tmp_path: Path
) -> None:
    for number in range(20):
        output.write(1, b"line %d\nnext" % number)
        output.write(2, b"noise\n")
    lines = all_lines(LineFollower(OutputReader(tmp_path), stream=1))
    for at in range(len(lines)):
        rest = all_lines(LineFollower(OutputReader(tmp_path), lines[at].end, stream=1))
        assert rest == lines[at + 1 :] or [line.data for line in rest] == [
            line.data for line in lines[at + 1 :]
        ]


def test_a_line_of_ten_megabytes_comes_in_parts(output: CappedOutput, tmp_path: Path) -> None:
    for _ in range(160):
        output.write(1, b"x" * 65536)
    output.write(1, b"\nshort\n")
    lines = all_lines(LineFollower(OutputReader(tmp_path)))
    assert max(len(line.data) for line in lines) == MAX_LINE_BYTES
    assert sum(len(line.data) for line in lines[:-1]) == 160 * 65536
    assert lines[-1].data == b"short"
    assert [line.data for line in last_lines(OutputReader(tmp_path), 1)] == [b"short"]
    assert len(last_lines(OutputReader(tmp_path), 5)) == 5


@settings(max_examples=50, deadline=None)
@given(
    data=st.lists(st.sampled_from([b"a", b"bc\n", b"\n", b"d" * 70_000]), max_size=30),
    limit=st.integers(1, 99_999),
)
def test_nothing_is_lost_or_doubled(
    data: list[bytes], limit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(directory)
        output = CappedOutput(CAP)
        for block in data:
            output.write(1, block)
    follower = LineFollower(OutputReader(directory))
    lines = all_lines(follower, max(limit, sum(map(len, data)) // 50)) + follower.unfinished()
    assert b"".join(line.data + b"\n" * line.ended for line in lines) == b"".join(data)


@pytest.mark.parametrize("count", [0, 1, 3, 999, 5000])
def test_the_last_lines(output: CappedOutput, tmp_path: Path, count: int) -> None:
    for number in range(3000):
        output.write(1, b"line %d\n" % number)
    output.write(1, b"unfinished")
    expected = [b"line %d" % number for number in range(3000)] + [b"unfinished"]
    found = [line.data for line in last_lines(OutputReader(tmp_path), count)]
    assert found == (expected[-count:] if count else [])


def test_a_line_cut_by_a_gap_is_given_as_a_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    output = CappedOutput(4096)
    output.write(1, b"x" * 20_000 + b"\nend\n")
    lines = all_lines(LineFollower(OutputReader(tmp_path)))
    assert [line.ended for line in lines] == [False, True, True]
    assert lines[-1].data == b"end"
