"""A listing that comes over the API says what a filter could have said."""

from __future__ import annotations

import pytest

from tasktui.domain.errors import InvalidError
from tasktui.domain.query import TaskQuery, Term
from tasktui.domain.query_check import check_query


@pytest.mark.parametrize(
    ("term", "what"),
    [
        (Term("status", ">", ("failed",)), "compared by is"),
        (Term("lane", "is", ()), "needs a value"),
        (Term("age", ">", (2**63,)), "numbers of 64 bits"),
        (Term("lane", "is", (7,)), "values are words"),
        (Term("kind", "is", ("shell", "plumber")), "no such value: plumber"),
    ],
)
def test_a_term_that_says_nothing_is_refused(term: Term, what: str) -> None:
    with pytest.raises(InvalidError, match=what):
        check_query(TaskQuery(terms=(term,)))


def test_what_a_filter_says_is_taken() -> None:
    check_query(TaskQuery(terms=(Term("kind", "is", ("shell",)), Term("duration", "<", (60_000,)))))
