"""The writing half of the SQLite store: one connection, one transaction a batch. Synchronous."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from tasktui import crashpoint
from tasktui.domain import reducer
from tasktui.domain.draft import Draft
from tasktui.domain.errors import FencedError
from tasktui.domain.events.base import NewEvent
from tasktui.domain.patches import patch_of
from tasktui.domain.ports.store import Change, Committed, Conflict
from tasktui.domain.rows import TaskRow, task_row
from tasktui.domain.status import TERMINAL
from tasktui.store.planning import Bucket, Key, Planner, bucket_of
from tasktui.store.sqlite import indexing
from tasktui.store.sqlite.connecting import translated
from tasktui.store.sqlite.listing import ROW
from tasktui.store.sqlite.patching import write_patches
from tasktui.store.sqlite.writing import update_rows, write_counters, write_plan

_KEPT_ROWS: Final = 1024
"""Rows of tasks that change now, kept to save reading them."""
_TABLES: Final = (
    "events",
    "bodies",
    "tool_calls",
    "artifacts",
    "interventions",
    "requests",
    "evidence",
    "outputs",
)
_UNFINISHED: Final = (
    "SELECT lane, status, sum(number) FROM counters"
    " WHERE status IN ('queued', 'dispatched', 'running') GROUP BY lane, status"
)
_HOLDERS: Final = {
    "exclusive_key": (
        "SELECT id FROM tasks WHERE exclusive_key = ? AND finished_at IS NULL ORDER BY in_line, created_seq"
    ),
    "idempotency_key": "SELECT id FROM tasks WHERE idempotency_key = ?",
    "request": "SELECT id FROM tasks WHERE request_id = ? AND client_id = ? AND finished_at IS NULL",
}


class Writer:
    """Writes batches; nobody else writes while this one's epoch holds."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._rows: dict[str, TaskRow] = {}
        self._head = -1
        self._epoch = 0

    def take_epoch(self, pid: int) -> int:
        """Raise the epoch that fences older owners, and return it."""
        with self._transaction(None, "store.epoch"):
            (self._epoch,) = self._connection.execute(
                "UPDATE state SET epoch = epoch + 1, owner_pid = ? RETURNING epoch", (pid,)
            ).fetchone()
        return self._epoch

    @contextmanager
    def _transaction(self, epoch: int | None, label: str) -> Iterator[None]:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            self._look(epoch)
            yield
            crashpoint.reached(f"{label}.before")
            connection.execute("COMMIT")
        except BaseException as exc:
            self._rows.clear()
            self._head = -1
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(exc, sqlite3.Error):
                raise translated(exc) from exc
            raise
        crashpoint.reached(f"{label}.after")

    def _look(self, epoch: int | None) -> None:
        """See in the transaction whether this writer may write, and whether its rows are still true."""
        stored, head = self._connection.execute("SELECT epoch, head FROM state").fetchone()
        if epoch is not None and epoch < stored:
            raise FencedError(epoch=epoch, newer=stored)
        if head != self._head:
            self._rows.clear()
            self._head = head

    def commit(self, batch: Sequence[Change]) -> list[Committed | Conflict]:
        """As `Store.commit`."""
        if not batch:
            return []
        with self._transaction(min(change.epoch for change in batch), "store.commit"):
            plan = Planner(self, self._head).plan(batch)
            if not plan.events:
                return plan.results
            write_plan(self._connection, plan)
            self._connection.execute(
                "UPDATE state SET head = ?, system_seq = system_seq + ?",
                (plan.head, plan.system_events),
            )
            edited = [plan.changed[one].created_seq for one in plan.edited & plan.changed.keys()]
            indexing.reindex_words(self._connection, edited)
        self._head = plan.head
        self._keep({**plan.changed, **plan.created})
        return plan.results

    def _keep(self, rows: dict[str, TaskRow]) -> None:
        kept = self._rows
        for task_id, row in rows.items():
            kept.pop(task_id, None)
            if row.status not in TERMINAL:
                kept[task_id] = row
        while len(kept) > _KEPT_ROWS:
            del kept[next(iter(kept))]

    def row(self, task_id: str) -> TaskRow | None:
        """Return a task's row as the planner needs it."""
        row = self._rows.get(task_id)
        if row is not None:
            return row
        found = self._connection.execute(f"SELECT {ROW} FROM tasks t WHERE t.id = ?", (task_id,)).fetchone()
        return task_row(found) if found else None

    def system_seq(self) -> int:
        """Return the newest position in the log of `@system`."""
        return int(self._connection.execute("SELECT system_seq FROM state").fetchone()[0])

    def unfinished(self) -> list[tuple[str, str, int]]:
        """Return how many tasks there are by lane and status, without those that have ended."""
        return self._connection.execute(_UNFINISHED).fetchall()

    def holder(self, key: Key, besides: Collection[str]) -> str | None:
        """Return the task that has a key now, or is first in the line for it, but for some."""
        values = (key.value, key.client) if key.kind == "request" else (key.value,)
        found = self._connection.execute(_HOLDERS[key.kind], values)
        return next((task_id for (task_id,) in found if task_id not in besides), None)

    def set_live(self, events: Sequence[NewEvent]) -> list[TaskRow]:
        """As `Store.set_live`."""
        drafts: dict[str, Draft] = {}
        patches = []
        with self._transaction(self._epoch, "store.live"):
            for event in events:
                draft = drafts.get(event.task_id) or self._draft(event.task_id)
                if draft is None:
                    continue
                drafts[event.task_id] = draft
                reducer.touch(draft, event)
                patch = patch_of(event, 0)
                if patch is not None:
                    patches.append((event.task_id, patch))
            changed = {task_id: draft.done() for task_id, draft in drafts.items() if draft.differing()}
            update_rows(self._connection, [(row, drafts[row.id].differing()) for row in changed.values()])
            numbers = {task_id: draft.row.created_seq for task_id, draft in drafts.items()}
            write_patches(self._connection, patches, numbers)
        self._keep(changed)
        return list(changed.values())

    def _draft(self, task_id: str) -> Draft | None:
        row = self.row(task_id)
        return Draft(row) if row is not None else None

    def delete(self, task_ids: Sequence[str], epoch: int) -> None:
        """As `Store.delete`."""
        counters: dict[Bucket, int] = {}
        with self._transaction(epoch, "store.delete"):
            for task_id in task_ids:
                row = self.row(task_id)
                if row is None or row.status not in TERMINAL:
                    continue
                indexing.forget(self._connection, row.created_seq)
                for table in _TABLES:
                    self._connection.execute(f"DELETE FROM {table} WHERE task = ?", (row.created_seq,))
                self._connection.execute("DELETE FROM tasks WHERE created_seq = ?", (row.created_seq,))
                counters[bucket_of(row)] = counters.get(bucket_of(row), 0) - 1
            write_counters(self._connection, counters)

    def index_output(self, task_id: str, run: int, text: str) -> None:
        """As `Store.index_output`."""
        with self._transaction(self._epoch, "store.index"):
            row = self.row(task_id)
            if row is not None and text:
                indexing.index_output(self._connection, row.created_seq, run, row.updated_at, text)

    def index_some(self) -> bool:
        """Index the next stretch of text; return whether more is waiting."""
        if not indexing.is_behind(self._connection):
            return False
        with self._transaction(self._epoch, "store.index"):
            return indexing.index_some(self._connection)
