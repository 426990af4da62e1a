"""The filter grammar: what each term becomes, and where an error points."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktui.domain.durations import parse_duration
from tasktui.domain.errors import FilterError
from tasktui.domain.filter import parse_filter
from tasktui.domain.query import Field, Term
from tasktui.domain.status import ACTIVE, TERMINAL, Status

NOW = 1_800_000_000_000


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("status:failed", Term("status", "is", (Status.FAILED,))),
        ("status:cancelled,ERROR", Term("status", "is", (Status.CANCELED, Status.FAILED))),
        ("status:active", Term("status", "is", tuple(sorted(ACTIVE)))),
        ("STATUS:finished", Term("status", "is", tuple(sorted(TERMINAL)))),
        ("status:done", Term("status", "is", ("completed",))),
        ("!kind:Agent", Term("kind", "is", ("agent",), negated=True)),
        ('lane:"a b",c', Term("lane", "is", ("a b", "c"))),
        ("age>10m", Term("age", ">", (600_000,))),
        ("duration<1h30m", Term("duration", "<", (5_400_000,))),
        ("since:2h", Term("since", ">", (NOW - 7_200_000,))),
        ("before:2026-11-01", Term("before", "<", (1_793_491_200_000,))),
        ("before:2026-11-01T02:00+02:00", Term("before", "<", (1_793_491_200_000,))),
        ("needs:you", Term("needs", "is", ("approval", "input"))),
        ("needs:input", Term("needs", "is", ("input",))),
        ("undelivered:yes", Term("undelivered", "is", (1,))),
        ("undelivered:no", Term("undelivered", "is", (0,))),
        ('text:"a: b"', Term("text", "contains", ("a: b",))),
        ("plain", Term("word", "contains", ("plain",))),
        ("!plain", Term("word", "contains", ("plain",), negated=True)),
        ('"two words"', Term("word", "contains", ("two words",))),
        ('"status:failed"', Term("word", "contains", ("status:failed",))),
        ("a>b", Term("word", "contains", ("a>b",))),
        ("10:30", Term("word", "contains", ("10:30",))),
    ],
)
def test_a_term(text: str, term: Term) -> None:
    assert parse_filter(f"  {text} ", now=NOW) == (term,)


def test_terms_are_kept_in_order() -> None:
    assert [term.field for term in parse_filter("lane:gpu x !tag:y", now=NOW)] == ["lane", "word", "tag"]
    assert parse_filter("   ", now=NOW) == ()


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("x foo:bar", 3, "unknown filter foo"),
        ("stats:failed", 1, "did you mean status:"),
        ("x !status:nope", 11, "no such status: nope; there are queued, "),
        ("kind:robot", 6, "not one of agent, shell"),
        ("needs:sleep", 7, "not one of you"),
        ("undelivered:maybe", 13, "not yes or no"),
        ("age:10m", 1, "write age>10m"),
        ("status>3", 1, "write status:"),
        ("age>soon", 5, "not a length of time"),
        ("since:yesterday", 7, "not a length of time"),
        ("since:2026-13-01", 7, "month"),
        ("lane:", 1, "lane: needs a value"),
        ('lane:""', 1, "needs a value"),
        ('a "b', 3, "not closed"),
        ("a !", 3, "nothing after"),
        ('""', 1, "nothing after"),
    ],
)
def test_an_error_points_at_its_column(text: str, column: int, said: str) -> None:
    with pytest.raises(FilterError, match=said) as caught:
        parse_filter(text, now=NOW)
    assert caught.value.column == column


def _column_of_the_error(text: str) -> int | None:
    try:
        terms = parse_filter(text, now=NOW)
    except FilterError as error:
        return error.column
    assert all(term.field in get_args(Field) for term in terms)
    return None


@given(st.text(max_size=40))
def test_any_text_is_terms_or_an_error_inside_it(text: str) -> None:
    assert _column_of_the_error(text) in {None, *range(1, len(text) + 2)}


@pytest.mark.parametrize(
    ("word", "ms"),
    [("90", 90_000), ("1.5s", 1500), ("250ms", 250), ("1H30M", 5_400_000), ("2d", 172_800_000)],
)
def test_durations(word: str, ms: int) -> None:
    assert parse_duration(word) == ms


@pytest.mark.parametrize("word", ["", "h", "10x", "-5m", "5 m", "1e3"])
def test_no_durations(word: str) -> None:
    with pytest.raises(ValueError, match="length of time"):
        parse_duration(word)


SAVED = {"mine": 'status:failed "two words"', "wrong": "status:nonsense", "other": "@mine"}


def test_a_name_stands_for_a_saved_filter() -> None:
    mine = parse_filter(SAVED["mine"], now=NOW)
    assert parse_filter("@mine", now=NOW, saved=SAVED) == mine
    assert parse_filter("kind:agent @mine x", now=NOW, saved=SAVED) == (
        *parse_filter("kind:agent", now=NOW),
        *mine,
        *parse_filter("x", now=NOW),
    )


def test_a_saved_filter_is_looked_up_once_and_elsewhere_it_is_a_word() -> None:
    word = (Term("word", "contains", ("@mine",)),)
    assert parse_filter("@other", now=NOW, saved=SAVED) == word
    assert parse_filter('"@mine"', now=NOW, saved=SAVED) == word
    assert parse_filter("@mine", now=NOW) == word
    assert parse_filter("tag:@mine", now=NOW, saved=SAVED) == (Term("tag", "is", ("@mine",)),)


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("x @mone", 3, "did you mean @mine"),
        ("@zzz", 1, "put it in quotes"),
        ("x !@mine", 3, "cannot be turned round"),
        ("x @wrong", 3, "no such status"),
    ],
)
def test_a_wrong_name_points_at_itself(text: str, column: int, said: str) -> None:
    with pytest.raises(FilterError, match=said) as caught:
        parse_filter(text, now=NOW, saved=SAVED)
    assert caught.value.column == column
