"""What a batch of changes means: rows, events, patches and counters, worked out before anything is written.

Both stores plan the same way; they differ only in where they look things up and how they write a plan down.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from tasktui.domain import reducer
from tasktui.domain.draft import Draft
from tasktui.domain.errors import IllegalTransitionError
from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.lifecycle import TaskCreated, TaskEdited, TaskFinished, TaskStarted
from tasktui.domain.ids import SYSTEM
from tasktui.domain.patches import TOUCHING, Patch, closing, patch_of
from tasktui.domain.ports.store import Change, Committed, Conflict
from tasktui.domain.records import StoredEvent
from tasktui.domain.rows import TaskRow, UnixMs
from tasktui.domain.selection import is_open
from tasktui.domain.status import TERMINAL, ToolStatus
from tasktui.store.admission import Counted, Door


class Key(NamedTuple):
    """A word that only one task may have: among all for idempotency, among unfinished ones else."""

    kind: Literal["exclusive_key", "idempotency_key", "request"]
    value: str
    client: str = ""


class Bucket(NamedTuple):
    """What the maintained counters tell apart."""

    lane: str
    status: str
    needs_you: bool
    held: bool
    archived: bool


class Known(Counted, Protocol):
    """What is stored already."""

    def row(self, task_id: str) -> TaskRow | None:
        """Return a task's row."""
        ...

    def system_seq(self) -> int:
        """Return the newest position in the log of `@system`."""
        ...

    def holder(self, key: Key, besides: Collection[str]) -> str | None:
        """Return the task that has a key now, or is first in the line for it, but for some."""
        ...


class Closing(NamedTuple):
    """An end that closes the tool calls which are still open."""

    task_id: str
    status: ToolStatus
    ts: UnixMs
    seq: int


@dataclass(slots=True)
class Plan:
    """What to write for a batch, and what to answer."""

    head: int
    """Newest position in the log after it."""
    results: list[Committed | Conflict] = field(default_factory=list)
    events: list[StoredEvent] = field(default_factory=list)
    created: dict[str, TaskRow] = field(default_factory=dict)
    changed: dict[str, TaskRow] = field(default_factory=dict)
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The columns that differ, of each changed row."""
    patches: list[tuple[str, Patch]] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    counters: dict[Bucket, int] = field(default_factory=dict)
    edited: set[str] = field(default_factory=set)
    """The tasks whose title or prompt may be another one."""
    system_events: int = 0
    """How many are about the whole."""


def bucket_of(row: TaskRow) -> Bucket:
    """Return the counter that a row is in."""
    return Bucket(row.lane, row.status, is_open(row), row.held, row.archived_at is not None)


def keys_of(row: TaskRow) -> list[Key]:
    """Return the unique keys that a task holds from its creation; one in line does not have its own yet."""
    keys = []
    if row.exclusive_key is not None and not row.in_line:
        keys.append(Key("exclusive_key", row.exclusive_key))
    if row.idempotency_key is not None:
        keys.append(Key("idempotency_key", row.idempotency_key))
    if row.client_id is not None and row.request_id is not None:
        keys.append(Key("request", row.request_id, row.client_id))
    return keys


class Planner:
    """Works out one batch over what is known."""

    def __init__(self, known: Known, head: int) -> None:
        self._known = known
        self._door = Door(known)
        self._drafts: dict[str, Draft] = {}
        self._new: set[str] = set()
        self._taken: dict[Key, str] = {}
        self._system_seq: int | None = None
        self._answers: list[tuple[str, tuple[StoredEvent, ...]] | Conflict] = []
        self._plan = Plan(head)

    def plan(self, batch: Sequence[Change]) -> Plan:
        """Return what the changes mean, in order; a row in the answers is the newest after the batch."""
        for change in batch:
            try:
                self._answers.append(self._take(change))
            except IllegalTransitionError as exc:
                self._answers.append(Conflict(change.task_id, "transition", exc.message))
        return self._finish()

    def _take(self, change: Change) -> tuple[str, tuple[StoredEvent, ...]] | Conflict:
        task_id = change.task_id
        if task_id == SYSTEM:
            return self._take_system(change)
        draft = self._draft(task_id)
        if change.events and isinstance(change.events[0].data, TaskCreated):
            return self._create(change, draft)
        if draft is None:
            return Conflict(task_id, "missing", f"there is no task {task_id}")
        conflict = _unexpected(change, draft) or self._out_of_line(change, draft)
        return conflict or self._advance(change.events, draft)

    def _draft(self, task_id: str) -> Draft | None:
        draft = self._drafts.get(task_id)
        if draft is None:
            row = self._known.row(task_id)
            if row is None:
                return None
            draft = self._drafts[task_id] = Draft(row)
        return draft

    def _take_system(self, change: Change) -> tuple[str, tuple[StoredEvent, ...]] | Conflict:
        seq = self._known.system_seq() if self._system_seq is None else self._system_seq
        if change.expected_seq not in {None, seq}:
            return Conflict(SYSTEM, "seq", f"expected {change.expected_seq}, is {seq}")
        self._system_seq = seq + len(change.events)
        self._plan.system_events += len(change.events)
        return SYSTEM, self._write(change.events, seq + 1)

    def _create(self, change: Change, before: Draft | None) -> tuple[str, tuple[StoredEvent, ...]] | Conflict:
        task_id = change.task_id
        if before is not None:
            return Conflict(task_id, "exists", f"there is a task {task_id} already", holder=task_id)
        if change.expected_seq or change.expected_status is not None:
            return Conflict(task_id, "missing", f"there is no task {task_id}")
        row = reducer.created(change.events[0], self._plan.head + 1)
        for key in keys_of(row):
            holder = self._holder(key)
            if holder is not None:
                return Conflict(task_id, "key", f"{key.kind} {key.value} is taken", holder=holder)
        if full := self._full(row, change):
            return Conflict(task_id, "full", full)
        draft = Draft(row)
        _tell(draft, change)
        self._drafts[task_id] = draft
        self._new.add(task_id)
        self._taken.update(dict.fromkeys(keys_of(row), task_id))
        stored = self._write(change.events, 1)
        patches = (patch_of(event, 0) for event in change.live)
        self._plan.patches += [(task_id, patch) for patch in patches if patch is not None]
        return task_id, stored

    def _full(self, row: TaskRow, change: Change) -> str | None:
        if change.admission is None:
            return None
        return self._door.closed(row, change.admission, self._drafts.values(), self._new)

    def _out_of_line(self, change: Change, draft: Draft) -> Conflict | None:
        """Refuse to start a task in line whose turn it is not."""
        if not draft.get("in_line") or not any(
            isinstance(event.data, TaskStarted) for event in change.events
        ):
            return None
        holder = self._holder(Key("exclusive_key", draft.row.exclusive_key or ""))
        if holder in {None, change.task_id}:
            return None
        return Conflict(change.task_id, "key", "it is not its turn", holder=holder)

    def _holder(self, key: Key) -> str | None:
        if key.kind == "idempotency_key":
            return self._taken.get(key) or self._known.holder(key, ())
        gone = {task_id for task_id, draft in self._drafts.items() if draft.get("status") in TERMINAL}
        taken = self._taken.get(key)
        return taken if taken is not None and taken not in gone else self._known.holder(key, gone)

    def _advance(self, events: tuple[NewEvent, ...], draft: Draft) -> tuple[str, tuple[StoredEvent, ...]]:
        first = draft.get("last_seq") + 1
        if len(events) == 1:
            reducer.apply(draft, events[0])
            return draft.row.id, self._write(events, first)
        before = dict(draft.changes)
        try:
            reducer.advance(draft, events)
        except IllegalTransitionError:
            draft.restore(before)
            raise
        return draft.row.id, self._write(events, first)

    def _write(self, events: tuple[NewEvent, ...], seq: int) -> tuple[StoredEvent, ...]:
        """Number the events and note what they change beside the task's row."""
        gid = self._plan.head
        stored = []
        for place, event in enumerate(events):
            task_id, run, ts, data, actor, raw = event
            encoded = data.encoded() if raw is None else raw
            gid += 1
            stored.append(StoredEvent(gid, task_id, seq + place, run, ts, data.TYPE, actor, encoded))
            if type(data) in TOUCHING:
                self._touch(event, seq + place)
        self._plan.head = gid
        self._plan.events += stored
        return tuple(stored)

    def _touch(self, event: NewEvent, seq: int) -> None:
        if isinstance(event.data, TaskEdited):
            self._plan.edited.add(event.task_id)
        patch = patch_of(event, seq)
        if patch is not None:
            self._plan.patches.append((event.task_id, patch))
        ended = closing(event)
        if ended is not None:
            self._plan.closings.append(Closing(event.task_id, ended, event.ts, seq))

    def _finish(self) -> Plan:
        plan = self._plan
        rows = {task_id: draft.done() for task_id, draft in self._drafts.items()}
        for task_id, draft in self._drafts.items():
            is_new = task_id in self._new
            row = rows[task_id]
            if is_new:
                plan.created[task_id] = row
            elif row is not draft.row:
                plan.changed[task_id] = row
                plan.columns[task_id] = draft.differing()
            self._count(None if is_new else draft.row, row)
        plan.results = [
            answer if isinstance(answer, Conflict) else Committed(rows.get(answer[0]), answer[1])
            for answer in self._answers
        ]
        return plan

    def _count(self, old: TaskRow | None, new: TaskRow) -> None:
        before = bucket_of(old) if old is not None else None
        after = bucket_of(new)
        if before == after:
            return
        counters = self._plan.counters
        counters[after] = counters.get(after, 0) + 1
        if before is not None:
            counters[before] = counters.get(before, 0) - 1


def _tell(draft: Draft, change: Change) -> None:
    """Apply what follows the creation; the last values of transient facts come before the end."""
    events = change.events[1:]
    ends = [place for place, event in enumerate(events) if isinstance(event.data, TaskFinished)]
    end = ends[0] if ends else len(events)
    for event in events[:end]:
        reducer.apply(draft, event)
    for event in change.live:
        reducer.touch(draft, event)
    for event in events[end:]:
        reducer.apply(draft, event)


def _unexpected(change: Change, draft: Draft) -> Conflict | None:
    seq, status = draft.get("last_seq"), draft.get("status")
    if change.expected_seq not in {None, seq}:
        return Conflict(change.task_id, "seq", f"expected {change.expected_seq}, is {seq}")
    if change.expected_status not in {None, status}:
        return Conflict(change.task_id, "status", f"expected {change.expected_status}, is {status}")
    return None
