"""clean(): what a terminal would obey is gone, what a person would read is still there."""

from __future__ import annotations

import itertools
import json
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktui.domain.clean import (
    LIMIT,
    StreamCleaner,
    clean,
    clean_output,
    decode,
    reveal,
    spelled,
    split_lines,
    summarize,
)

HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "\x1b[]PX^_0;31m\x07\x9b\x9c\x90\r\n\t\\\u202e\u200b\u200d\ufe0f\u0301\u0489\u2028\ud800"
        ),
    ),
    max_size=300,
)
STREAM = st.lists(
    st.sampled_from([b"a", b"xyz" * 20, b"\r", b"\r\r", b"\n", b"\r\n", b"\xe6\x97", b"\xa5", b"\x1b[1m"]),
    max_size=30,
).map(b"".join)
BIDI = set(map(chr, [0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
ZERO_WIDTH = set("\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0f\u180e")


def forbidden(text: str, *, multiline: bool = False) -> list[str]:
    allowed = {"\n"} if multiline else set()
    return [
        char
        for char in text
        if char not in allowed
        and (category(char) in {"Cc", "Cs", "Zl", "Zp"} or char in BIDI or char in ZERO_WIDTH)
    ]


def longest_mark_run(text: str) -> int:
    longest = run = 0
    for char in text:
        run = run + 1 if category(char) in {"Mn", "Me"} else 0
        longest = max(longest, run)
    return longest


@given(HOSTILE)
@pytest.mark.feature(116, 154)
def test_nothing_a_terminal_obeys_survives(text: str) -> None:
    assert not forbidden(clean(text))
    assert not forbidden(clean_output(text), multiline=True)
    assert not forbidden(summarize(text))
    assert longest_mark_run(clean(text)) <= 3


@given(HOSTILE, st.integers(1, 400))
def test_cleaning_again_changes_nothing_and_the_limit_holds(text: str, limit: int) -> None:
    once = clean(text, limit=limit, multiline=True)
    assert clean(once, limit=limit, multiline=True) == once
    assert len(once) <= limit
    single = clean(text, limit=limit)
    assert clean(single, limit=limit) == single
    assert summarize(summarize(text)) == summarize(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=200))
def test_plain_text_is_unchanged(text: str) -> None:
    assert clean(text) == text


@given(st.binary(max_size=300))
def test_any_bytes_become_harmless_lines(data: bytes) -> None:
    assert not forbidden(clean(decode(data)))
    for line in split_lines(decode(data)):
        assert not forbidden(line)


@given(STREAM, st.lists(st.integers(0, 200), max_size=5))
def test_how_a_stream_is_chunked_makes_no_difference(data: bytes, cuts: list[int]) -> None:
    whole = StreamCleaner(limit=40)
    chunked = StreamCleaner(limit=40)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    lines = [line for start, end in itertools.pairwise(edges) for line in chunked.feed(data[start:end])]
    assert lines + chunked.close() == whole.feed(data) + whole.close()


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9d52;c;aGk=\x9cafter", "after"),
        ("\x1bPq#0~\x1b\\after", "after"),
        ("\x1b_Gi=1;AAAA\x1b\\after", "after"),
        ("\x1b^pm\x1b\\\x1bXsos\x1b\\after", "after"),
        ("\x1b]0;never closed", ""),
        ("\x1b[12", ""),
        ("\x1bcreset\x1b(B", "reset"),
        ("a\x1b", "a␛"),
        ("a\x00\x07\x08\x7fb", "a␀␇␈␡b"),
        ("a\x85b", "a\ufffdb"),
        ("photo_\u202egpj.exe", "photo_\ufffdgpj.exe"),
        ("z\u200be\u200dr\ufeffo", "zero"),
        ("lone \udc80", "lone \ufffd"),
        ("z" + "\u0301" * 50, "z" + "\u0301" * 3),
        ("a\tb", "a       b"),
        ("one\ntwo\n", "one␤two"),
        ("one\u2028two", "one␤two"),
        ("rm -rf /\recho hi", "rm -rf /␍echo hi"),
        ("[red]list[int][/usr/bin]", "[red]list[int][/usr/bin]"),
    ],
)
def test_one_line(raw: str, shown: str) -> None:
    assert clean(raw) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("10%\r50%\r100%\r\ndone\r\n", "100%\ndone\n"),
        ("10%\r50%\r", "50%"),
        ("a\n\x1b]0;open\nb", "a\n\nb"),
        ("\x1b[2K\x1b[1Gbar 3/9\r\x1b[2Kbar 9/9", "bar 9/9"),
    ],
)
def test_program_output(raw: str, shown: str) -> None:
    assert clean_output(raw) == shown


def test_a_long_text_tells_what_was_cut() -> None:
    shown = clean("x" * 10_000_000)
    assert len(shown) == LIMIT
    kept = shown.count("x")
    assert shown.endswith(f"… (+{10_000_000 - kept:,} chars)")


def test_a_stream_holds_a_bounded_tail_and_counts_the_rest() -> None:
    cleaner = StreamCleaner(limit=100)
    assert cleaner.feed(b"y" * 1_000_000) == []
    assert len(cleaner.tail) < 130
    assert cleaner.feed(b"\nnext\n") == ["y" * 100 + "… (+999,900 bytes)", "next"]


def test_a_progress_bar_of_any_length_shows_its_last_state() -> None:
    cleaner = StreamCleaner(limit=100)
    for percent in range(1001):
        cleaner.feed(f"\r{percent / 10:5.1f}%".encode())
    assert cleaner.tail == "100.0%"
    assert cleaner.feed(b"\r\n") == ["100.0%"]
    assert cleaner.close() == []


def test_a_character_split_between_chunks_is_whole() -> None:
    cleaner = StreamCleaner()
    first, second = "日本\n".encode()[:4], "日本\n".encode()[4:]
    assert cleaner.feed(first) + cleaner.feed(second) == ["日本"]


@pytest.mark.feature(116)
def test_a_summary_is_one_line() -> None:
    assert summarize("a\n\x1b[1mb\x1b[0m\tc") == "a b c"
    assert summarize("w" * 300) == "w" * 237 + "..."


def test_reveal_draws_what_clean_removes() -> None:
    assert reveal("\x1b[31mred\x1b[0m\r\n\tx\x9b\u202e") == "␛[31mred␛[0m␍␊␉x\ufffd\ufffd"
    assert reveal("a" * 10_000) == clean("a" * 10_000)


@given(HOSTILE)
def test_what_is_revealed_is_harmless(text: str) -> None:
    shown = reveal(text)
    assert clean(shown) == shown


def test_a_short_text_is_cleaned_like_a_long_one() -> None:
    """Every character there is: a short text takes a way without patterns."""
    padding = "." * 40
    for code in range(0x110000):
        char = chr(code)
        if char.isprintable():
            assert clean(char) == clean(char + padding).removesuffix(padding), hex(code)


@given(st.text(st.characters(exclude_categories=["Cs"])) | HOSTILE.map(clean))
def test_json_for_a_terminal_means_the_same_and_hides_nothing(text: str) -> None:
    shown = spelled(json.dumps(text, ensure_ascii=False))
    assert json.loads(shown) == text
    assert clean(shown, limit=len(shown), multiline=True).count("\ufffd") == text.count("\ufffd")
    assert not set(shown) & {"\x7f", "\x9b", "\u202e", "\u200b", "\U000e0068", "\ufeff"}


def test_what_is_spelled_is_spelled_in_units_of_json() -> None:
    assert spelled('"a\x9b\U000e0068ü"') == '"a\\u009b\\udb40\\udc68ü"'


def test_a_return_at_the_end_of_a_chunk_lets_the_next_one_overwrite_the_line() -> None:
    cleaner = StreamCleaner(limit=100)
    cleaner.feed(b"10% of a long way\r")
    assert cleaner.tail == "10% of a long way"
    cleaner.feed(b"20%")
    assert cleaner.tail == "20%"
