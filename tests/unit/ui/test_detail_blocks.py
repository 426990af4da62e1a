"""TextBlocks: whatever is asked for first, the lines are those of the whole, and holes are said."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from tasktui.ui.widgets.detail.blocks import AHEAD, BLOCK, Stretch, TextBlocks, TextLine
from tasktui.ui.widgets.detail.source import Look


class Bytes(TextBlocks):
    """Text in memory, with holes as the cap leaves them."""

    def __init__(
        self, data: bytes, *, holes: tuple[tuple[int, int], ...] = (), stretch: int = 1 << 20
    ) -> None:
        super().__init__()
        self.data, self.dropped, self.stretch = data, holes, stretch

    async def read(self, offset: int, limit: int) -> Stretch:
        start = max(0, len(self.data) + offset) if offset < 0 else offset
        for at, length in self.dropped:
            if at <= start < at + length:
                start = at + length
        end = min(len(self.data), start + limit, start + self.stretch)
        end = min([end, *(at for at, _ in self.dropped if at > start)])
        return Stretch(start, self.data[start:end], len(self.data), self.dropped, ((start, 1, 5),))


def lines_of(source: TextBlocks, first: int, stop: int) -> list[TextLine]:
    blocks = asyncio.run(source.load(first, stop))
    return [text for item in sorted(blocks) for text in blocks[item]]


def measured(source: TextBlocks) -> TextBlocks:
    asyncio.run(source.measure())
    return source


SHORT = st.lists(st.binary(max_size=300).map(lambda data: data.replace(b"\n", b" ")), max_size=120)


@settings(deadline=None, max_examples=40)
@given(SHORT, st.integers(100, 9000))
def test_short_lines_come_out_whole_block_by_block(lines, stretch):
    data = b"\n".join(lines)
    source = measured(Bytes(data, stretch=stretch))
    found = [text for item in range(source.stop) for text in lines_of(source, item, item + 1)]
    expected = data.split(b"\n")
    if expected[-1] == b"":
        expected.pop()
    assert [text.data for text in found] == expected
    assert not any(text.continued for text in found)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 5 * BLOCK), st.integers(0, 3 * BLOCK))
def test_a_long_line_is_never_lost_and_never_twice(before, long):
    data = b"x" * before + b"\n" + b"y" * long + b"\nend\n"
    source = measured(Bytes(data))
    found = lines_of(source, 0, source.stop)
    assert b"".join(text.data for text in found) == data.replace(b"\n", b"")
    assert all(len(text.data) <= BLOCK + AHEAD for text in found)


def test_ten_megabytes_in_one_line_stay_small():
    source = measured(Bytes(b"z" * 10_000_000))
    assert source.stop == -(-10_000_000 // BLOCK)
    middle = lines_of(source, 1000, 1002)
    assert [len(text.data) for text in middle] == [BLOCK, BLOCK]
    assert all(text.continued for text in middle)
    shown = source.draw(1000, tuple(middle), Look(), expanded=False)
    assert shown[0].text.startswith("↪ zzz")


def test_a_hole_is_one_line_that_counts_it():
    data = b"head\n" * 2000 + b"\0" * (40 * BLOCK) + b"tail\n" * 2000
    hole = (10_000, 40 * BLOCK)
    source = measured(Bytes(data, holes=(hole,)))
    first, count = source.holes[0]
    assert first == -(-hole[0] // BLOCK)
    assert count >= 38
    note = lines_of(source, first, first + 1)
    assert [text.dropped for text in note] == [40 * BLOCK]
    assert source.draw(first, tuple(note), Look(), expanded=False)[0].text == "… 160 KiB dropped (cap) …"
    after = lines_of(source, first + count, first + count + 1)
    assert after[-1].data == b"tail"
    assert lines_of(source, first + 1, first + 3) == []


def test_a_small_hole_is_said_where_it_is():
    data = b"a\n" * 500 + b"?" * 100 + b"b\n" * 500
    source = measured(Bytes(data, holes=((1000, 100),)))
    found = lines_of(source, 0, 1)
    assert [text.dropped for text in found if text.dropped] == [100]
    assert sum(text.data == b"b" for text in found) == 500


def test_search_finds_places():
    data = b"".join(b"line %d\n" % number for number in range(3000))
    source = measured(Bytes(data))

    async def gather() -> list[object]:
        return [match async for batch in source.find("LINE 2999") for match in batch]

    (match,) = asyncio.run(gather())
    blocks = asyncio.run(source.load(match.item, match.item + 1))
    assert blocks[match.item][match.sub].data == b"line 2999"


def test_progress_bars_show_their_last_state():
    text = TextLine(0, b"10%\r20%\r30%\r")
    assert Bytes(b"").draw_line(text, Look()).text == "30%"


def test_nothing_has_no_blocks():
    source = measured(Bytes(b""))
    assert source.stop == 0
    assert lines_of(source, 0, 1) == []
