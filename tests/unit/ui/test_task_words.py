"""ui/task_words.py: what a row says, in the width it has."""

from __future__ import annotations

import time

import pytest

from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Attention, Kind, Reason, Status
from tasktui.ui.task_words import age, elapsed, ended, look, outcome, progress
from tasktui.ui.widgets.task_line import Columns, cells
from tests.ui.night import END_OF_DAY

NOW = 1_000_000_000
BASE = TaskRow(
    "t",
    1,
    Kind.SHELL,
    "a title",
    "default",
    Status.RUNNING,
    NOW - 9_000,
    NOW,
    NOW - 9_000,
    started_at=NOW - 9_000,
)
DONE = BASE._replace(status=Status.COMPLETED, finished_at=NOW - 125_000)


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_glyph_of_one_cell_and_a_word(status: Status) -> None:
    shown = look(BASE._replace(status=status))
    assert len(shown.glyph) == 1
    assert shown.word


@pytest.mark.feature(58)
def test_stopping_beats_attention_and_attention_beats_running() -> None:
    asking = BASE._replace(attention=Attention.APPROVAL)
    assert look(asking).word == "approval"
    assert look(asking._replace(cancel_requested_at=NOW)).word == "stopping…"
    assert look(BASE._replace(status=Status.QUEUED, held=True)).word == "held"


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        (BASE, "9s"),
        (BASE._replace(started_at=NOW - 252_000), "4m12s"),
        (BASE._replace(started_at=NOW + 5_000), "0s"),
        (DONE, "2m"),
        (DONE._replace(finished_at=NOW - 30_000), "now"),
        (DONE._replace(finished_at=NOW - 90_000_000), "1d"),
        (BASE._replace(status=Status.QUEUED, created_at=NOW - 7_300_000), "2h"),
    ],
)
def test_ages(row: TaskRow, shown: str) -> None:
    assert age(row, NOW) == shown


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        (
            BASE._replace(
                status=Status.FAILED, terminal_reason=Reason.EXIT_NONZERO, exit_code=3, finished_at=NOW
            ),
            "exit 3",
        ),
        (
            BASE._replace(status=Status.TIMED_OUT, terminal_reason=Reason.IDLE_TIMEOUT, finished_at=NOW),
            "idle timeout",
        ),
        (DONE._replace(terminal_reason=Reason.COMPLETED), "done"),
        (BASE._replace(status=Status.LOST, terminal_reason=Reason.SHIM_LOST, finished_at=NOW), "lost"),
    ],
)
def test_ends(row: TaskRow, shown: str) -> None:
    assert ended(row, 12) == shown


def test_who_canceled_is_said_where_there_is_room() -> None:
    row = BASE._replace(
        status=Status.CANCELED,
        terminal_reason=Reason.CANCELED,
        cancel_requested_by="ann",
        finished_at=NOW,
    )
    assert ended(row, 24) == "canceled by ann"
    assert ended(row, 12) == "canceled"


def test_progress_needs_no_more_than_its_width() -> None:
    row = BASE._replace(progress_current=5, progress_total=8, progress_phase="tests")
    assert progress(row, 12) == "▓▓▓▓▓░░░ 5/8"
    assert progress(row, 6) == "5/8"
    assert progress(row, 24) == "▓▓▓▓▓░░░ 5/8 tests"
    assert progress(BASE._replace(progress_percentage=150), 24) == "▓▓▓▓▓▓▓▓ 150%"
    assert progress(BASE, 24) == ""


@pytest.mark.feature(114)
def test_without_progress_of_its_own_a_task_shows_its_checklist() -> None:
    row = BASE._replace(checks_done=1, checks_total=4)
    assert progress(row, 12) == "▓▓░░░░░░ 1/4"
    assert progress(row._replace(progress_percentage=50), 12) == "▓▓▓▓░░░░ 50%"


def test_what_a_queued_task_waits_for() -> None:
    queued = BASE._replace(status=Status.QUEUED)
    for changes, width, said in (
        ({}, 12, "queued"),
        ({"lane": "gpu"}, 12, "in gpu"),
        ({"depends_on": " t1 "}, 24, "after t1"),
        ({"depends_on": " t1 t2 t3 "}, 24, "after t1 +2"),
        ({"depends_on": " t1 t2 "}, 12, "after 2"),
        ({"in_line": True, "exclusive_key": "deploy"}, 24, "in line: deploy"),
        ({"in_line": True, "exclusive_key": "deploy"}, 12, "in line"),
        ({"held": True, "held_reason": "wait for Ann"}, 24, "held: wait for Ann"),
        ({"held": True, "held_reason": "wait for Ann"}, 12, "held"),
        ({"not_before": NOW - 1}, 24, "queued"),
    ):
        assert outcome(queued._replace(**changes), width, NOW) == said
    assert outcome(queued, 24, NOW, "#2 in queue") == "#2 in queue"
    assert outcome(queued._replace(held=True), 24, NOW, "#2 in queue") == "held"


def test_times_that_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    queued = BASE._replace(status=Status.QUEUED)
    hour, day = 3_600_000, 86_400_000
    at = END_OF_DAY
    assert outcome(queued._replace(not_before=at + hour), 24, at) == "at 22:26"
    assert outcome(queued._replace(not_before=at + 7 * day), 24, at) == "at 27 Nov"
    assert outcome(queued._replace(not_before=at + 400 * day), 24, at) == "at 2027"
    held = queued._replace(held=True, held_until=at + hour, held_reason="lunch")
    assert outcome(held, 24, at) == "held until 22:26: lunch"
    assert outcome(held, 16, at) == "held until 22:26"
    assert outcome(held, 12, at) == "till 22:26"


def test_paused_work_says_so_and_how_far_it_is() -> None:
    paused = BASE._replace(paused_at=NOW, progress_current=2, progress_total=9)
    assert (look(paused).glyph, look(paused).word) == ("‖", "paused")
    assert outcome(paused, 24, NOW) == "paused ▓▓░░░░░░ 2/9"
    assert outcome(paused._replace(progress_total=None), 12, NOW) == "paused"
    assert look(paused._replace(finished_at=NOW, status=Status.COMPLETED)).word == "done"


@pytest.mark.parametrize("width", [32, 46, 62, 80, 118, 200])
def test_columns_fill_the_width_and_cells_fill_the_columns(width: int) -> None:
    columns = Columns.for_width(width)
    last = columns.columns[-1]
    assert last.x + last.width <= width
    row = BASE._replace(title="日本語 " * 60, lane="a-very-long-lane", tool_calls=123456)
    from rich.cells import cell_len

    assert [cell_len(text) for text in cells(row, columns, NOW)] == [
        column.width for column in columns.columns
    ]


def test_what_changed_is_found_by_column() -> None:
    columns = Columns.for_width(46)
    before, after = cells(BASE, columns, NOW), cells(BASE, columns, NOW + 1000)
    glyph, ages = columns.columns[:2]
    assert columns.changed(before, before) is None
    assert columns.changed(before, after) == (ages.x, ages.width)
    assert glyph.x < ages.x


def test_what_is_told_by_the_second_has_no_tenths() -> None:
    told = [elapsed(ms) for ms in (-5, 999, 4_321, 59_999, 252_000)]
    assert told == ["0s", "0s", "4s", "59s", "4m12s"]
