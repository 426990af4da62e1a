from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tasktui.domain import artifact_names as names


@given(st.binary(max_size=60))
def test_any_path_comes_back_as_it_was_and_can_be_stored(path: bytes) -> None:
    text = names.stored(path)
    text.encode("utf-8")
    assert names.original(text) == path


@given(st.text(max_size=200))
def test_a_label_becomes_a_harmless_file_name(label: str) -> None:
    name = names.file_label(label)
    assert 0 < len(name) <= 80
    assert all(char.isascii() and (char.isalnum() or char in "_-") for char in name)


def test_the_same_place_has_the_same_identity_and_others_have_others() -> None:
    assert names.identity("/out", "a/b") == names.identity("/out", "a/b")
    assert len({names.identity(None, "a"), names.identity("/out", "a"), names.identity("/out", "b")}) == 3


def test_the_type_follows_the_ending() -> None:
    assert names.mime_of(b"dir/report.html") == "text/html"
    assert names.mime_of(b"no-ending\xff") is None
