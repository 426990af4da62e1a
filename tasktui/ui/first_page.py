"""What the first frame shows, read before the manager is there."""

from __future__ import annotations

from dataclasses import dataclass

from tasktui.domain.rows import Counts, Page, TaskRow
from tasktui.domain.status import Group


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FirstPage:
    """The counters, and the first rows of each filled section in the order of `window.section_query`."""

    counts: Counts
    pages: tuple[tuple[Group, Page[TaskRow]], ...]
