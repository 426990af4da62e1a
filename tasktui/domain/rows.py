"""Slots objects straight from the store: what lists and panes hold. No pydantic here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, NamedTuple, TypeAlias, TypeVar

from tasktui.domain.status import Attention, Group, Kind, Reason, Status, group_of

UnixMs: TypeAlias = int
"""An instant: milliseconds since 1970-01-01T00:00:00Z."""

T = TypeVar("T")


class TaskRow(NamedTuple):
    """One task as lists show it: flat, one column of the `tasks` table each, in the table's order."""

    id: str
    created_seq: int
    kind: Kind
    title: str
    lane: str
    status: Status
    created_at: UnixMs
    updated_at: UnixMs
    status_since: UnixMs
    status_source: str = "manager"
    """Who said so: manager, executor, shim, user, recovery."""
    status_evidence: str = ""
    """On what grounds, one short phrase: `exit code 1`, `lock held`."""
    terminal_reason: Reason | None = None
    attention: Attention = Attention.NONE
    attention_id: str | None = None
    """The request that is waited for."""
    priority: int = 0
    held: bool = False
    held_reason: str | None = None
    held_until: UnixMs | None = None
    cancel_requested_at: UnixMs | None = None
    cancel_requested_by: str | None = None
    cancel_reason: str | None = None
    cancel_forced: bool = False
    tags: str = ""
    """Words, each between spaces: ` nightly db `."""
    depends_on: str = ""
    """Task ids, written like tags."""
    owner: str | None = None
    client_id: str | None = None
    request_id: str | None = None
    session_id: str | None = None
    conversation_id: str | None = None
    thread_id: str | None = None
    turn_id: str | None = None
    agent_id: str | None = None
    external_id: str | None = None
    exclusive_key: str | None = None
    idempotency_key: str | None = None
    schedule_id: str | None = None
    retry_of: str | None = None
    not_before: UnixMs | None = None
    started_at: UnixMs | None = None
    finished_at: UnixMs | None = None
    duration_ms: int | None = None
    timeout_s: float | None = None
    idle_timeout_s: float | None = None
    queue_timeout_s: float | None = None
    on_restart: str = "reattach"
    run_no: int = 0
    recoveries: int = 0
    retries: int = 0
    progress_current: float | None = None
    progress_total: float | None = None
    progress_percentage: int | None = None
    progress_phase: str | None = None
    status_text: str | None = None
    result_summary: str | None = None
    result_ref: str | None = None
    error: str | None = None
    error_code: str | None = None
    exit_code: int | None = None
    checks_done: int = 0
    checks_total: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    context_used: int | None = None
    context_max: int | None = None
    tool_calls: int = 0
    tool_failed: int = 0
    runtime_events: int = 0
    segments_ok: int = 0
    segments_failed: int = 0
    artifacts: int = 0
    interventions: int = 0
    warnings: int = 0
    last_seq: int = 0
    delivered_at: UnixMs | None = None
    acked_at: UnixMs | None = None
    archived_at: UnixMs | None = None
    superseded_by: str | None = None
    """The newest task that retried this one."""
    in_line: bool = False
    """Whether it waits for its exclusive key and does not hold it yet."""
    position: int = 0
    """Its place among queued tasks of one lane and priority; `created_seq` until somebody moves it."""
    paused_at: UnixMs | None = None
    """Since when the running work is stopped by a person; it can go on."""

    @property
    def host(self) -> str:
        """The machine, where tasks of several are shown (`hosted.HostRow`)."""
        return ""

    @property
    def unheard_since(self) -> UnixMs | None:
        """Since when that machine has not answered."""
        return None

    @property
    def group(self) -> Group:
        """The section of the list in which the task stands."""
        return group_of(self.status, self.attention)

    @property
    def stopping(self) -> bool:
        """Whether a cancel was asked for and the work has not stopped yet."""
        return self.cancel_requested_at is not None and self.finished_at is None


TASK_COLUMNS: Final = TaskRow._fields
"""Names of the columns, in order."""
TASK_TYPES: Final[Mapping[str, str]] = {
    name: getattr(kind, "__forward_arg__", "") for name, kind in TaskRow.__annotations__.items()
}
"""Their types, as they are written above."""


_REVIVED: Final[Sequence[tuple[int, Callable[[Any], object]]]] = tuple(
    (TASK_COLUMNS.index(name), revive)
    for name, revive in {
        "kind": Kind, "status": Status, "attention": Attention, "terminal_reason": Reason,
        "held": bool, "cancel_forced": bool, "in_line": bool,
    }.items()
)  # fmt: skip
"""The columns of which SQLite gives other types than the row has."""


def task_row(values: Sequence[object]) -> TaskRow:
    """Make a row of one SQL result in the order of `TASK_COLUMNS`."""
    revived = list(values)
    for place, revive in _REVIVED:
        if revived[place] is not None:
            revived[place] = revive(revived[place])
    return TaskRow._make(revived)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A slice of a longer listing."""

    items: tuple[T, ...]
    more: bool
    """Whether something follows in the direction that was read."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Maintained counters: tasks by status, and those that need somebody; archived ones only as such."""

    by_status: tuple[tuple[Status, int], ...]
    needs_you: int = 0
    held: int = 0
    archived: int = 0

    def of(self, *statuses: Status) -> int:
        """Return how many tasks have one of these statuses."""
        return sum(number for status, number in self.by_status if status in statuses)

    @property
    def total(self) -> int:
        """All tasks that are not archived."""
        return sum(number for _, number in self.by_status)


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One place where the text stands."""

    task_id: str
    title: str
    source: str
    """prompt, message, tool, result or output."""
    excerpt: str
    seq: int | None
    """The event that says it; None for output."""
    ts: UnixMs
    place: int = 0
    """Position in the index, to go on before it."""
