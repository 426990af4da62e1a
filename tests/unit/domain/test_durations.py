"""Lengths of time as people write them."""

from __future__ import annotations

import pytest

from tasktui.domain.durations import LONGEST_MS, parse_duration


@pytest.mark.parametrize(
    ("word", "length_ms"),
    [("90", 90_000), ("1h30m", 5_400_000), (" 2D ", 172_800_000), ("0.5s", 500), ("36525d", LONGEST_MS)],
)
def test_lengths(word: str, length_ms: int) -> None:
    assert parse_duration(word) == length_ms


@pytest.mark.parametrize("word", ["", "-5s", "1x", "10 m", "36526d", "99999999999999999999d", "9" * 400])
def test_no_lengths(word: str) -> None:
    with pytest.raises(ValueError, match=r"length of time|hundred years"):
        parse_duration(word)
