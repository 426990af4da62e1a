"""How many lines a diff adds and removes."""

from __future__ import annotations

import pytest

from tasktui.domain.changed import counted, told


@pytest.mark.parametrize(
    ("diff", "numbers"),
    [
        ("", (0, 0)),
        ("--- a/x\n+++ b/x\n@@ -1,2 +1,3 @@\n same\n-old\n+new\n+more", (2, 1)),
        ("--- a/x\n+++ b/x\n@@ -1 +1 @@\n--- was a list\n+++ is a list\n", (1, 1)),
        ("--- /dev/null\n+++ b/x\n@@ -0,0 +1,2 @@\n+one\n+two", (2, 0)),
        ("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n\\ No newline\n--- a/y\n+++ b/y\n@@ -1 +0,0 @@\n-c", (1, 2)),
        ("-was\n+is\n", (1, 1)),
    ],
)
def test_counted(diff: str, numbers: tuple[int, int]) -> None:
    assert counted(diff) == numbers


def test_told() -> None:
    assert (told(6, 2), told(None, 1), told(None, None)) == ("+6 −2", "+0 −1", "")
