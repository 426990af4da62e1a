"""A task's row while facts change it."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from tasktui.domain.rows import TASK_COLUMNS, TaskRow
from tasktui.domain.status import Attention, Status

if TYPE_CHECKING:
    from tasktui.domain.events.base import Data, NewEvent

_VALUES: Final = attrgetter(*TASK_COLUMNS)


class Draft:
    """A row under change: what the handlers have set so far lies over the row as it was."""

    __slots__ = ("changes", "plain", "possible", "row")

    def __init__(self, row: TaskRow) -> None:
        self.row = row
        self.changes: dict[str, Any] = {"last_seq": row.last_seq, "updated_at": row.updated_at}
        self.possible: set[type[Data]] = set()
        """Types of events that were found possible in the status as it stands now, and set columns."""
        self.plain: set[type[Data]] = set()
        """Those that are possible and set none."""

    def get(self, name: str) -> Any:
        """Return the column as it stands now."""
        return self.changes[name] if name in self.changes else getattr(self.row, name)

    def set(self, **values: object) -> None:
        """Set columns."""
        self.changes.update(values)

    def fill(self, **values: object) -> None:
        """Set the columns whose value is not None."""
        self.changes.update({name: value for name, value in values.items() if value is not None})

    def add(self, name: str, number: float = 1) -> None:
        """Add to a counter."""
        self.changes[name] = self.get(name) + number

    def move(self, status: Status, event: NewEvent, source: str, evidence_text: str) -> None:
        """Change the status, with since when, from which source and on what evidence."""
        self.set(status=status, status_since=event.ts, status_source=source, status_evidence=evidence_text)
        self._look_again()

    def restore(self, changes: dict[str, Any]) -> None:
        """Go back to what had been set before."""
        self.changes = changes
        self._look_again()

    def _look_again(self) -> None:
        self.possible.clear()
        self.plain.clear()

    def need(self, attention: Attention, request_id: str | None) -> None:
        """Begin or cease to need a person."""
        self.set(attention=attention, attention_id=request_id)

    def settle(self, request_id: str) -> None:
        """Cease to need a person when this was the request waited for."""
        if self.get("attention_id") == request_id:
            self.need(Attention.NONE, None)

    def differing(self) -> dict[str, Any]:
        """Return the columns whose value is another one now."""
        row = self.row
        return {name: value for name, value in self.changes.items() if value != getattr(row, name)}

    def done(self) -> TaskRow:
        """Return the changed row."""
        if not self.differing():
            return self.row
        values = dict(zip(TASK_COLUMNS, _VALUES(self.row), strict=True))
        return TaskRow(*(values | self.changes).values())
