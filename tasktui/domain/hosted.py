"""Tasks of several machines in one list: rows that know their machine, and how each machine stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeVar, runtime_checkable

from tasktui.domain.hosts import Host
from tasktui.domain.ports.manager import Manager
from tasktui.domain.requests import CancelResult, Task, TaskDetail
from tasktui.domain.rows import Counts, Page, TaskRow, UnixMs

T = TypeVar("T")
Standing = Literal["connecting", "connected", "unreachable"]


class HostRow(TaskRow):
    """A row of a list that shows several machines."""

    host = ""
    """The name of its machine."""
    unheard_since: UnixMs | None = None
    """Since when that machine has not answered: what the row says is what was known then."""

    def __eq__(self, other: object) -> bool:
        """Tell a row from the same one whose machine answers no more."""
        seen = (getattr(other, "host", None), getattr(other, "unheard_since", None))
        return tuple.__eq__(self, other) is True and (self.host, self.unheard_since) == seen

    def __ne__(self, other: object) -> bool:
        """As `__eq__`; a tuple has its own."""
        return not self == other

    __hash__ = TaskRow.__hash__


@dataclass(frozen=True, slots=True)
class HostState:
    """One machine of a list, and how it stands."""

    host: Host
    standing: Standing = "connecting"
    since: UnixMs = 0
    """Since when it stands so."""
    why: str = ""
    """Why it cannot be reached."""
    answered_at: UnixMs | None = None
    """When it answered last; None: not yet."""
    version: str = ""
    """Of tasktui there."""
    counts: Counts = Counts(())  # noqa: RUF009  # nobody can change it
    """Its tasks by status, as last known."""
    again_at: UnixMs | None = None
    """When it is tried again."""


@runtime_checkable
class ManyHosts(Protocol):
    """A manager that stands for those of several machines."""

    def hosts(self) -> Sequence[HostState]:
        """Return every machine and how it stands, in the order in which they were named."""
        ...

    def at(self, host: str) -> Manager:
        """Return the manager of one machine.

        Raises:
            NotFoundError: no machine has this name.
        """
        ...

    def host_of(self, task_id: str) -> str | None:
        """Return the machine of a task that was seen; None for one that was not."""
        ...

    async def begins_in(self, host: str) -> str | None:
        """Return the directory in which a login there begins, where the machine says so.

        Raises:
            UnreachableError: there is no connection now.
        """
        ...

    def try_again(self, host: str) -> None:
        """Connect to a machine now, rather than when its time has come."""
        ...


def hosted(row: TaskRow, host: str, unheard_since: UnixMs | None = None) -> HostRow:
    """Return the row with its machine."""
    made = HostRow._make(row)
    made.host, made.unheard_since = host, unheard_since
    return made


def lane_at(host: str, lane: str) -> str:
    """Return the name of a machine's lane among those of all machines; without a machine its own."""
    return f"{host}/{lane}" if host else lane


def located(answer: T, host: str, unheard_since: UnixMs | None = None) -> T:
    """Return what a manager answered with the machine in each row of it; `unheard_since` as in the row."""
    made: object = answer
    match answer:
        case TaskRow():
            made = hosted(answer, host, unheard_since)
        case Task() | CancelResult():
            made = replace(answer, row=hosted(answer.row, host, unheard_since))
        case TaskDetail():
            made = replace(answer, task=located(answer.task, host, unheard_since))
        case Page() if answer.items and isinstance(answer.items[0], TaskRow):
            made = replace(answer, items=tuple(hosted(row, host, unheard_since) for row in answer.items))
    return made  # type: ignore[return-value]  # each case makes one of the type that came


def summed(all_counts: Sequence[Counts]) -> Counts:
    """Return counters as one."""
    by_status: dict[object, int] = {}
    for counts in all_counts:
        for status, number in counts.by_status:
            by_status[status] = by_status.get(status, 0) + number
    return Counts(
        tuple(by_status.items()),  # type: ignore[arg-type]  # statuses, as they came
        needs_you=sum(counts.needs_you for counts in all_counts),
        held=sum(counts.held for counts in all_counts),
        archived=sum(counts.archived for counts in all_counts),
    )
