"""Whether a row fits a filter, and where it stands in a listing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tasktui.domain.filter import parse_filter
from tasktui.domain.query import Cursor, Sort, TaskQuery
from tasktui.domain.rows import TaskRow
from tasktui.domain.selection import cursor_of, folded, is_open, matches, selects
from tasktui.domain.status import Attention, Group, Kind, Status

NOW = 10_000_000
ROW = TaskRow(
    "task_1",
    7,
    Kind.SHELL,
    "Build É",
    "gpu",
    Status.RUNNING,
    NOW - 60_000,
    NOW,
    NOW,
    started_at=NOW - 30_000,
    tags=" x y ",
    client_id="c",
    agent_id="box",
    priority=3,
)


class Beyond:
    """What a row does not hold, as a test gives it."""

    def prompt(self) -> str:
        return "make everything"

    def tools(self) -> Sequence[str]:
        return ("Bash",)

    def said(self, text: str) -> bool:
        return text == "hello"


def _fits(text: str, row: TaskRow = ROW, *, beyond: Beyond | None = None) -> bool:
    return matches(row, parse_filter(text, now=NOW), NOW, beyond=beyond)


@pytest.mark.parametrize(
    "text",
    [
        "status:running",
        "!status:failed",
        "kind:shell",
        "lane:gpu",
        "client:c",
        "agent:box",
        "host:box",
        "tag:y",
        "id:task_",
        "since:2m",
        "before:30s",
        "age>30s",
        "age<2m",
        "duration>20s",
        "duration<1m",
        "undelivered:no",
        "!needs:you",
        "!owner:ann",
        "!conversation:z",
    ],
)
def test_terms_that_fit(text: str) -> None:
    assert _fits(text)
    assert not _fits(text.removeprefix("!") if text.startswith("!") else f"!{text}")


def test_a_task_that_never_ran_has_no_duration() -> None:
    assert not _fits("duration<1h", ROW._replace(started_at=None))
    assert _fits("duration>9s", ROW._replace(duration_ms=9_000))


@pytest.mark.feature(135)
def test_what_waits_for_its_asker() -> None:
    assert _fits("undelivered:yes", ROW._replace(status=Status.COMPLETED))
    assert not _fits("undelivered:yes", ROW._replace(status=Status.COMPLETED, delivered_at=1))


def test_terms_beyond_the_row_are_passed_over_without_a_place_to_look() -> None:
    for text in ("tool:none", "text:none", "none", "!none"):
        assert _fits(text)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("build", True),
        ("EVERY", True),
        ("é", True),
        ("none", False),
        ("!none", True),
        ("tool:bash", True),
        ("tool:ba", False),
        ("text:hello", True),
        ("text:x", False),
    ],
)
def test_terms_beyond_the_row(text: str, fits: bool) -> None:
    assert _fits(text, beyond=Beyond()) == fits


def test_a_listing_has_its_archive_and_its_sections() -> None:
    assert selects(TaskQuery(), ROW)
    assert not selects(TaskQuery(archived=True), ROW)
    assert selects(TaskQuery(group=Group.RUNNING), ROW)
    asking = ROW._replace(attention=Attention.INPUT)
    assert not selects(TaskQuery(group=Group.RUNNING), asking)
    assert selects(TaskQuery(group=Group.NEEDS_YOU), asking)
    assert is_open(asking)
    assert not is_open(asking._replace(status=Status.FAILED))


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        ("created", 7),
        ("updated", NOW),
        ("finished", -1),
        ("duration", -1),
        ("priority", 3),
        ("title", "build É"),
    ],
)
def test_the_place_of_a_row(sort: Sort, key: str | int) -> None:
    assert cursor_of(ROW, TaskQuery(sort=sort)) == Cursor(key, 7)


def test_the_place_of_a_finished_row() -> None:
    done = ROW._replace(finished_at=5, duration_ms=4)
    assert cursor_of(done, TaskQuery(sort="finished")).key == 5
    assert cursor_of(done, TaskQuery(sort="duration")).key == 4


def test_only_ascii_letters_are_folded_for_the_order() -> None:
    assert folded("ABC") == "abc"
    assert folded("ÄB") == "Äb"
