"""Whether there is room for another task, decided where the task is stored: nobody comes in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Protocol

from tasktui.domain.status import ACTIVE, Status

if TYPE_CHECKING:
    from tasktui.domain.draft import Draft
    from tasktui.domain.ports.store import Admission
    from tasktui.domain.rows import TaskRow


class Counted(Protocol):
    """What is stored already, in numbers."""

    def unfinished(self) -> Iterable[tuple[str, str, int]]:
        """Return how many tasks there are by lane and status; ended ones may be left out."""
        ...


class Door:
    """Counts, for one batch, who is in: what is stored, and what the batch has made of it so far."""

    def __init__(self, known: Counted) -> None:
        self._known = known
        self._stored: Counter[tuple[str, str]] | None = None

    def closed(
        self, row: TaskRow, admission: Admission, drafts: Collection[Draft], new: Collection[str]
    ) -> str | None:
        """Say why a new task is refused; None when it may come in.

        Args:
            row: the new task.
            admission: how full it may be.
            drafts: the tasks that the batch has touched.
            new: those of them that it has made.
        """
        if self._stored is None:
            self._stored = Counter()
            for lane, status, number in self._known.unfinished():
                self._stored[lane, status] += number
        waiting = sum(n for (_, status), n in self._stored.items() if status == Status.QUEUED)
        if admission.lane is None and waiting + len(drafts) < admission.queued:
            return None
        now = self._after(drafts, new)
        if sum(n for (_, status), n in now.items() if status == Status.QUEUED) >= admission.queued:
            return f"The queue is full: {admission.queued:,} tasks wait."
        busy = sum(now[row.lane, status] for status in (Status.QUEUED, *ACTIVE))
        if admission.lane is not None and busy >= admission.lane:
            return f"The lane is full: {row.lane}, {admission.lane:,} at once."
        return None

    def _after(self, drafts: Collection[Draft], new: Collection[str]) -> Counter[tuple[str, str]]:
        now = Counter(self._stored)
        for draft in drafts:
            if draft.row.id not in new:
                now[draft.row.lane, draft.row.status] -= 1
            now[draft.get("lane"), draft.get("status")] += 1
        return now
