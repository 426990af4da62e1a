"""Both directions of a talk in files: lines in pieces, too long, or lost; and lines that were said."""

from __future__ import annotations

import resource
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tasktui.domain.events.lifecycle import TaskWarning
from tasktui.executors.agents import transcript
from tasktui.executors.agents.acp.dialogue import AcpDialogue
from tasktui.executors.agents.presets import shipped
from tasktui.executors.agents.start import Start
from tasktui.executors.agents.transcript import Heard, Said
from tasktui.executors.shim.output import STDERR, STDOUT, CappedOutput
from tests.unit.executors.agents.owners import Owner, Surroundings


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_lines_come_whole_and_once_however_they_were_written(run: Path) -> None:
    output, heard = CappedOutput(1 << 20), Heard(run)
    assert list(heard.lines()) == []
    output.write(STDOUT, b"one\ntw")
    assert [line.text for line in heard.lines()] == [b"one"]
    output.write(STDERR, b"oops\n")
    output.write(STDOUT, b"o\n\n  \nthr")
    assert [(line.text, line.end) for line in heard.lines()] == [(b"two", 13)]
    assert heard.last() == transcript.Line(b"thr", 20)
    assert heard.last() is None
    assert heard.errors == b"oops\n"


def test_a_line_over_its_length_is_passed_over_and_counted(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcript, "MAX_LINE", 10)
    monkeypatch.setattr(transcript, "BLOCK", 4)
    output, heard = CappedOutput(1 << 20), Heard(run)
    output.write(STDOUT, b"x" * 11 + b"\n" + b"y" * 10 + b"\n" + b"z" * 12)
    assert [line.text for line in heard.lines()] == [b"y" * 10]
    assert heard.overlong == 1
    assert heard.last() is None


def test_what_was_not_kept_is_counted_and_the_torn_line_passed_over(run: Path) -> None:
    output, heard = CappedOutput(8192), Heard(run)
    for number in range(2000):
        output.write(STDOUT, b"line %04d\n" % number)
    lines = [line.text for line in heard.lines()]
    assert lines[0] == b"line 0000"
    assert lines[-1] == b"line 1999"
    assert all(line.startswith(b"line ") and len(line) == 9 for line in lines[:-200])
    assert heard.lost == output.dropped > 0


def test_what_was_said_is_kept_with_whether_it_was_sent(run: Path) -> None:
    said = Said(run)
    assert said.entries() == []
    said.note(0, b"first", None)
    said.note(12, b"second \xff", "msg_1")
    said.sent(0)
    assert [(e.at, e.line, e.sent, e.delivery) for e in said.entries()] == [
        (0, b"first", True, None), (12, b"second \xff", False, "msg_1"),
    ]  # fmt: skip
    assert (run / transcript.SAID).stat().st_mode & 0o777 == 0o600


def test_a_torn_end_is_passed_over(run: Path) -> None:
    said = Said(run)
    said.note(0, b"first", None)
    with (run / transcript.SAID).open("ab") as file:
        file.write(b'{"at": 3, "li')
    assert [entry.line for entry in said.entries()] == [b"first"]


def test_a_line_of_an_owner_that_did_not_mark_their_begin_may_have_arrived(run: Path) -> None:
    row = b'{"at": 0, "line": "first", "delivery": null}\n'
    (run / transcript.SAID).write_bytes(row)
    said = Said(run)
    said.note(3, b"second", None)
    assert [(entry.begun, entry.sent) for entry in said.entries()] == [(True, False), (False, False)]


def test_what_the_next_owner_says_is_no_part_of_a_torn_end(run: Path) -> None:
    """A third owner would say it once more, or take another line for the one that was sent."""
    Said(run).note(0, b"first", None)
    with (run / transcript.SAID).open("ab") as file:
        file.write(b'{"at": 3, "li')
    second = Said(run)
    assert len(second.entries()) == 1
    second.note(5, b"second", "msg_1")
    second.sent(1)
    second.note(7, b"third", None)
    third = [(entry.line, entry.sent) for entry in Said(run).entries()]
    assert third == [(b"first", False), (b"second", True), (b"third", False)]


def test_rows_that_the_disk_does_not_take_wait_in_their_order(
    run: Path, limited: Callable[[int], None]
) -> None:
    said, file = Said(run), run / transcript.SAID
    said.note(0, b"first", None)
    limited(file.stat().st_size + 20)
    said.note(3, b"second", "msg_1")
    said.begun(1)
    assert not said.keep()
    assert [entry.line for entry in Said(run).entries()] == [b"first"], "half a row is none"
    limited(resource.RLIM_INFINITY)
    assert said.keep()
    assert [(e.at, e.line, e.begun) for e in Said(run).entries()] == [
        (0, b"first", False), (3, b"second", True),
    ]  # fmt: skip
    assert file.read_bytes().count(b"second") == 1


def test_a_row_that_lacks_only_its_end_counts_for_every_owner(run: Path) -> None:
    Said(run).note(0, b"first", None)
    file = run / transcript.SAID
    file.write_bytes(file.read_bytes()[:-1])
    second = Said(run)
    assert len(second.entries()) == 1
    second.note(5, b"second", None)
    second.sent(1)
    assert [(e.line, e.sent) for e in Said(run).entries()] == [(b"first", False), (b"second", True)]


def test_what_an_owner_had_no_room_to_write_down_is_said_by_the_next(run: Path) -> None:
    """Claude Code is told two lines at once, and the second was never sent."""
    start = Start(shipped()["claude"], "hello", "/w")
    first = Owner(start, Surroundings(run))
    first.begin()
    file = run / transcript.SAID
    whole = [entry.line for entry in Said(run).entries()]
    assert len(whole) == 2
    rows = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(rows[0] + rows[1][:9])
    Owner(start, Surroundings(run)).begin()
    assert [entry.line for entry in Said(run).entries()] == whole
    other = replace(start, prompt="another")
    Owner(other, Surroundings(run)).begin()
    assert [entry.line for entry in Said(run).entries()] == whole, "what was said holds"


@pytest.mark.parametrize(("text", "torn"), [("x" * 5000, True), ("x", False)])
def test_only_a_long_line_may_have_arrived_in_part(run: Path, text: str, torn: bool) -> None:
    said = Said(run)
    said.note(0, b'{"text": "%s"}' % text.encode(), None)
    said.begun(0)
    start = Start(shipped()["claude"], "hello", "/w")
    owner = Owner(start, Surroundings(run))
    owner.begin()
    assert owner.hearing.torn is torn
    said.sent(0)
    again = Owner(start, Surroundings(run))
    again.begin()
    assert not again.hearing.torn


def test_what_is_said_is_not_written_through_a_link(run: Path, tmp_path: Path) -> None:
    (run / transcript.SAID).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        Said(run).note(0, b"x", None)
    assert not (tmp_path / "elsewhere").exists()


def test_an_owner_that_died_while_it_wrote_leaves_a_warning_and_nothing_is_said_twice(run: Path) -> None:
    start = Start(shipped()["gemini"], "hello", "/w")
    first = Owner(start, Surroundings(run))
    first.hearing.on_say = lambda number, _: first.hearing.transcript.begun(number)  # it died as it wrote
    first.begin()
    second = Owner(start, Surroundings(run))
    second.begin()
    told = second.around.stored
    assert [fact.code for fact in told if isinstance(fact, TaskWarning)] == ["agent_unsure"]
    assert len(Said(run).entries()) == 1
    assert isinstance(second.dialogue, AcpDialogue)
