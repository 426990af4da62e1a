"""Facts about the whole from the database, for commands that read without an owner."""

from __future__ import annotations

from collections.abc import Iterator

from tasktui.domain.ids import SYSTEM
from tasktui.domain.records import StoredEvent
from tasktui.store.sqlite.reader import Reader


def whole_facts(reader: Reader, *types: str) -> Iterator[StoredEvent]:
    """Yield the facts of these types, the oldest first."""
    place, more = 0, True
    while more:
        page = reader.timeline(SYSTEM, after_seq=place, types=types)
        yield from page.items
        place = page.items[-1].seq if page.items else place
        more = page.more
