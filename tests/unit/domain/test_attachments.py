"""Under which names files are kept that people attach."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktui.domain.attachments import SECRETS, numbered, safe_name
from tasktui.domain.errors import InvalidError


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("notes.txt", "notes.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a b.png", "a b.png"),
        (".hidden", "hidden"),
        ("été 日本.md", "été 日本.md"),
        ("a\x1b[31m\n<b>.txt", "a_31m_b_.txt"),
        ("-rf", "rf"),
        ("x" * 300 + ".tar.gz", "x" * 117 + ".gz"),
    ],
)
def test_a_name_is_made_safe(given_name: str, kept: str) -> None:
    assert safe_name(given_name) == kept


@pytest.mark.feature(133)
@pytest.mark.parametrize("ending", sorted(SECRETS))
def test_files_that_hold_secrets_are_not_taken(ending: str) -> None:
    for name in (
        f"a{ending}",
        f"a{ending.upper()}",
        f"dir/{ending}",
        f"a{ending} ",
        f"a{ending}.",
        f"a{ending}.bak",
    ):
        with pytest.raises(InvalidError, match="secrets"):
            safe_name(name)


@pytest.mark.parametrize("name", ["", ".", "..", "a/", "- ", "/"])
def test_a_name_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(InvalidError):
        safe_name(name)


@given(st.text(max_size=200))
def test_no_name_is_a_path_or_too_long(name: str) -> None:
    try:
        kept = safe_name(name)
    except InvalidError:
        return
    assert PurePosixPath(kept).name == kept
    assert kept not in {"", ".", ".."}
    assert not kept.startswith((".", "-"))
    assert len(numbered(kept, 101).encode("utf-8", "surrogateescape")) <= 255
    assert kept.isprintable()
    assert safe_name(kept) == kept
