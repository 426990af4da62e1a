"""What may be asked of a manager besides a task, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from tasktui.domain.records import Artifact, EvidenceRow, InterventionRow, RequestRow, StoredEvent, ToolCall
from tasktui.domain.rows import Counts, TaskRow, UnixMs
from tasktui.domain.tail import Tail

if TYPE_CHECKING:
    from tasktui.domain.hosted import HostState

    # the spec brings pydantic, and a command that only reads output shall not wait for that
    from tasktui.domain.spec import TaskSpec

Place = Literal["earlier", "later", "first", "last"]
"""Where a queued task moves among those of its lane and priority: past its neighbour, or past all."""
Disposition = Literal["canceled", "requested", "forced", "already_finished"]
Intervene = Literal["none", "queue", "steer", "interrupt"]
"""What work does with a message while it goes on: take none, take it next, take it in, stop for it."""


@dataclass(frozen=True, slots=True)
class Task:
    """One task as it stands: its row and what was asked for."""

    row: TaskRow
    spec: TaskSpec

    @property
    def id(self) -> str:
        """The task's id."""
        return self.row.id


@dataclass(frozen=True, slots=True)
class TaskDetail:
    """One task with what belongs to it, but for its events and output, which are read by pages."""

    task: Task
    checklist: str | None = None
    """JSON of the last `checklist.updated`."""
    result_inline: str | None = None
    usage: str | None = None
    """JSON of the usage that the end reported."""
    metadata: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    """The newest 1,000."""
    artifacts: tuple[Artifact, ...] = ()
    """The newest 1,000."""
    interventions: tuple[InterventionRow, ...] = ()
    requests: tuple[RequestRow, ...] = ()
    evidence: tuple[EvidenceRow, ...] = ()
    intervene: Intervene | None = None
    """What its executor does with messages; None where nobody asked, or nothing here runs such work."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a person sends to a running task."""

    text: str
    user: str = "you"
    mode: Literal["steer", "queue", "interrupt"] = "steer"
    attachments: tuple[str, ...] = ()
    client_token: str | None = None
    """Makes a repeated send the same one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person decides on a question or an approval."""

    request_id: str | None = None
    """None: the one that waits, when there is just one."""
    decision: Literal["allow", "deny", "answer"] = "answer"
    text: str = ""
    scope: Literal["once", "task", "always"] = "once"
    by: str = "you"
    origin: str = "screen"


@dataclass(frozen=True, slots=True)
class CancelResult:
    """What a cancel did."""

    disposition: Disposition
    row: TaskRow


@dataclass(frozen=True, slots=True)
class OutputChunk:
    """A stretch of a run's output, both streams in the order they were read."""

    offset: int
    """Where it begins in the logical output, bytes."""
    data: bytes
    next_offset: int
    size: int
    """All that the run wrote so far, bytes; more may follow while it runs."""
    dropped: tuple[tuple[int, int], ...] = ()
    """Ranges that the cap dropped, as (offset, length)."""
    marks: tuple[tuple[int, int, UnixMs], ...] = ()
    """(offset, stream 1 or 2, time) where the stream changes within `data`, or a second has gone by."""


@dataclass(frozen=True, slots=True)
class ArtifactChunk:
    """A stretch of an artifact's bytes."""

    artifact: Artifact
    offset: int
    data: bytes
    size: int


@dataclass(frozen=True, slots=True)
class LaneState:
    """One lane: its limit and what it holds."""

    lane: str
    limit: int
    running: int
    queued: int
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Schedule:
    """A task that recurs."""

    schedule_id: str
    every: str
    """A length of time, or five fields of a crontab."""
    title: str
    lane: str
    created_at: UnixMs
    next_at: UnixMs
    """When its newest firing is due, which stands in the queue until then."""
    task_id: str | None = None
    """The newest firing."""


@dataclass(frozen=True, slots=True)
class Stats:
    """Figures about the whole."""

    counts: Counts
    lanes: tuple[LaneState, ...]
    events: int
    """Position of the newest event."""
    database_bytes: int
    uptime_s: float
    subscribers: int
    gaps: int
    """How often a slow subscriber was sent a gap."""
    late_events: int
    """Events that came after their task had ended."""
    degraded: str | None = None
    """Why nothing can be stored or started now (full disk, read-only), else None."""
    commits: int = 0
    """Transactions of the owner since it began."""
    commit_s: float = 0.0
    """Seconds that they took, all together."""
    waiting_events: int = 0
    """Facts that wait to be stored."""
    lag_events: int = 0
    """Events that wait for the slowest subscriber."""
    epoch: int = 0
    pid: int = 0
    version: str = ""


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What changed since the last one, coalesced: for screens."""

    rows: tuple[TaskRow, ...] = ()
    """The newest state of each task that changed."""
    removed: tuple[str, ...] = ()
    counts: Counts | None = None
    task_id: str | None = None
    """The task that the interest named when this was made; None also where an older owner does not say."""
    tail: tuple[StoredEvent, ...] = ()
    """New events of the named task, oldest first, bounded."""
    reread: bool = False
    """More changed than fits: read the windows again; of the rows the named task's is here nonetheless."""
    output: bool = False
    """The named task has written more output."""
    live: tuple[tuple[str, str], ...] = ()
    """All streaming messages of the named task: (message id, text so far); empty: nothing is told of them."""
    written: tuple[tuple[str, str], ...] = ()
    """All its running tool calls that wrote: (call id, the end of it), the last one at the end; or empty."""
    degraded: str | None = None
    """Why nothing can be stored or started now, else None."""
    lost: bool = False
    """The owner does not answer and is sought; what comes after this is from whoever was found."""
    hosts: tuple[HostState, ...] | None = None
    """Where several machines are shown: how they stand, when that changed."""

    def about(self, task_id: str | None) -> ChangeSet:
        """Return this one without what it says of the named task, where that is another one."""
        if self.task_id is None or self.task_id == task_id:
            return self
        return replace(self, task_id=None, tail=(), output=False, live=(), written=())

    def then(self, new: ChangeSet) -> ChangeSet:
        """Return this one and a later one as one: the newest row of each task, a bounded tail."""
        old = self if new.task_id is None else self.about(new.task_id)
        rows = {row.id: row for row in (*old.rows, *new.rows)}
        gone = dict.fromkeys((*old.removed, *new.removed))
        for task_id in new.removed:
            rows.pop(task_id, None)
        for row in new.rows:
            gone.pop(row.id, None)
        tail = Tail((*old.tail, *new.tail))
        return replace(
            new,
            rows=tuple(rows.values()),
            removed=tuple(gone),
            task_id=new.task_id or old.task_id,
            counts=new.counts or old.counts,
            hosts=new.hosts or old.hosts,
            tail=tail.events,
            reread=old.reread or new.reread or tail.lacks,
            output=old.output or new.output,
            live=new.live or old.live,
            written=new.written or old.written,
        )


@dataclass(slots=True)
class Interest:
    """What a screen looks at; it may change the fields at any time."""

    task_id: str | None = None
    min_interval_s: float = 0.1
    """Change sets come no more often than this."""


@dataclass(frozen=True, slots=True)
class GateRun:
    """A check that is to be run."""

    command: tuple[str, ...]
    """The program and its arguments."""
    gate: str = "custom"
    """fmt, check, clippy, test, custom or another word."""
    id: str | None = None
    """By which a later run takes the place of this one; made when None."""
    cwd: str | None = None
    """The task's own when None; relative to it."""
    timeout_ms: int = 120_000
    """From 1,000 to 600,000."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """Evidence that an outside tool records about a task, as 004's `task_updates`."""

    checklist: dict[str, object] | None = None
    gate: dict[str, object] | None = None
    attempt: dict[str, object] | None = None
    github_event: dict[str, object] | None = None
    artifacts: tuple[dict[str, object], ...] = field(default=())
