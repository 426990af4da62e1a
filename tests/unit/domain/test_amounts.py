"""Durations, sizes and token counts read the same everywhere."""

from __future__ import annotations

import pytest

from tasktui.domain.amounts import duration, size, tokens


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (-5, "0.0s"),
        (0, "0.0s"),
        (480, "0.4s"),
        (9_999, "9.9s"),
        (10_000, "10s"),
        (59_999, "59s"),
        (252_000, "4m12s"),
        (3_600_000, "1h00m"),
        (11_100_000, "3h05m"),
        (187_200_000, "2d04h"),
    ],
)
def test_duration(ms, words):
    assert duration(ms) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (2_150, "2.1 KiB"),
        (88_000, "86 KiB"),
        (1_300_000, "1.2 MiB"),
        (1_288_490_188, "1.2 GiB"),
        (5 * 1024**4, "5.0 TiB"),
        (1024**6, "1048576 TiB"),
    ],
)
def test_size(count, words):
    assert size(count) == words


@pytest.mark.parametrize(("count", "words"), [(0, "0"), (999, "999"), (21_400, "21k"), (1_440_000, "1.4M")])
def test_tokens(count, words):
    assert tokens(count) == words
