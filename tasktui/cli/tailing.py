"""The log of all tasks, page by page, and on as it grows: read from the database, owner or not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from tasktui.cli.reading import stored
from tasktui.cli.session import Session
from tasktui.domain.records import StoredEvent
from tasktui.store.sqlite.reader import Reader

PAUSE_S: Final = 0.1
_PAGE: Final = 500


def pages(
    session: Session, after_gid: int | None, *, follow: bool
) -> Iterator[tuple[Reader, list[StoredEvent]]]:
    """Yield events after a position, a page at a time.

    Args:
        session: of this call.
        after_gid: the position; None for the end.
        follow: go on for ever, also where there is no database yet.
    """
    while True:
        with stored(session) as reader:
            if reader is not None:
                yield from _of(reader, reader.head() if after_gid is None else after_gid, follow=follow)
                return
        if not follow:
            return
        # whatever comes into a database that is not there yet is new
        after_gid = 0
        time.sleep(PAUSE_S)


def _of(reader: Reader, after_gid: int, *, follow: bool) -> Iterator[tuple[Reader, list[StoredEvent]]]:
    while True:
        events = reader.read(after_gid, limit=_PAGE)
        if events:
            after_gid = events[-1].gid
            yield reader, events
        elif not follow:
            return
        else:
            reader.see_that_it_is_current()
            time.sleep(PAUSE_S)
