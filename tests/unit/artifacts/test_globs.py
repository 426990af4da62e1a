"""Which files the patterns of the settings want."""

from __future__ import annotations

import pytest

from tasktui.artifacts.globs import wanted


@pytest.mark.parametrize(
    ("glob", "fits", "not_"),
    [
        ("*.xml", [b"a.xml", b"deep/er/a.xml", b".xml"], [b"a.xml.gz", b"axml"]),
        ("reports/*.html", [b"reports/a.html"], [b"a.html", b"reports/x/a.html", b"my/reports/a.html"]),
        ("out/**/log.txt", [b"out/log.txt", b"out/a/b/log.txt"], [b"log.txt", b"out/alog.txt"]),
        ("out/**", [b"out/a", b"out/a/b", b"out/a\nb"], [b"out", b"outer/a"]),
        ("a[1]?.txt", [b"a[1]2.txt"], [b"a12.txt", b"a[1].txt"]),
        ("/top.txt", [b"top.txt"], [b"deep/top.txt"]),
        ("*", [b"a", b"a/\xff"], []),
    ],
)
def test_a_pattern(glob: str, fits: list[bytes], not_: list[bytes]) -> None:
    is_wanted = wanted([glob])
    assert [path for path in fits if not is_wanted(path)] == []
    assert [path for path in not_ if is_wanted(path)] == []


def test_no_pattern_wants_all_and_one_of_several_is_enough() -> None:
    assert wanted(())(b"anything/at all")
    assert wanted(["*.a", "*.b"])(b"x.b")
