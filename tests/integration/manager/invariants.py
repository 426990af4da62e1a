"""The seven invariants, read off what was written and what was heard."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from tasktui.domain.errors import TasktuiError
from tasktui.domain.ids import SYSTEM
from tasktui.domain.ports.manager import Manager
from tasktui.domain.ports.store import Store
from tasktui.domain.records import StoredEvent
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import TERMINAL, Status, ToolStatus
from tests.contract.facts import refolded

LAST_VALUES = ("progress_current", "progress_total", "progress_percentage", "tokens_in", "tokens_out")
"""Of transient facts, which are no part of the log."""


class Known(Protocol):
    """What the answers promised."""

    canceled_in_queue: set[str]


@dataclass
class Heard:
    """One subscription, from a position on."""

    task_id: str
    after: int
    events: list[Any] = field(default_factory=list)
    listening: asyncio.Task[None] | None = None

    async def begin(self, manager: Manager) -> None:
        self.listening = asyncio.get_running_loop().create_task(self._listen(manager))

    async def _listen(self, manager: Manager) -> None:
        with suppress(TasktuiError):
            async for event in manager.subscribe(self.task_id, after=self.after):
                self.events.append(event)

    async def cut(self) -> None:
        """Its owner goes; what was heard so far is kept."""
        if self.listening is not None:
            self.listening.cancel()
            await asyncio.wait([self.listening])
            self.listening = None

    async def check(self, manager: Manager, *, gone: bool) -> None:
        """What was heard, and then the rest from there on, is everything once."""
        seqs = [event.seq for event in self.events if isinstance(event, StoredEvent)]
        assert seqs == list(range(self.after + 1, self.after + 1 + len(seqs))), "6: in order, none twice"
        if gone:
            return
        place = seqs[-1] if seqs else self.after
        rest = [event async for event in manager.subscribe(self.task_id, after=place)]
        last = (await manager.get(self.task_id)).row.last_seq
        later = [event.seq for event in rest if isinstance(event, StoredEvent)]
        assert later == list(range(place + 1, last + 1)), "6: the rest follows"
        assert rest[-1].type == "stream.end", "6: and ends"


def stored_part(row: TaskRow) -> dict[str, Any]:
    """A row without what passes by."""
    return {name: getattr(row, name) for name in TaskRow.__slots__ if name not in LAST_VALUES}


async def rows_agree_with_the_log(store: Store) -> dict[str, list[StoredEvent]]:
    """Return the log by task."""
    ids = {event.task_id for event in await store.read(limit=1_000_000)} - {SYSTEM}
    logs = {}
    for row in await store.rows_of(sorted(ids)):
        # the manager may go on meanwhile: the log is as long as the row that was read, or longer
        log = logs[row.id] = list(await store.read(task_id=row.id, limit=1_000_000))
        assert [event.seq for event in log] == list(range(1, len(log) + 1)), "5: gap-free"
        folded = refolded(log[: row.last_seq])
        assert stored_part(row) == stored_part(folded), "2: a status and its event are one"
    return logs


async def check(store: Store, known: Known) -> dict[str, TaskRow]:
    """Look at everything after all has ended; return the rows."""
    logs = await rows_agree_with_the_log(store)
    rows = {}
    for task_id, log in logs.items():
        row = await store.row(task_id)
        assert row is not None
        rows[task_id] = row
        _one_end(row, [event.type for event in log])
        if task_id in known.canceled_in_queue:
            assert "task.started" not in {event.type for event in log}, "3: canceled in the queue"
        calls = (await store.tools(task_id)).items
        assert ToolStatus.RUNNING not in {call.status for call in calls}, "4: no tool call runs on"
    _parents_first(rows, logs)
    _one_of_a_key(rows, logs)
    fired = Counter((row.schedule_id, row.not_before) for row in rows.values() if _scheduled(row))
    assert not [time for time, number in fired.items() if number > 1], "a firing comes once"
    once = Counter(row.idempotency_key for row in rows.values() if row.idempotency_key)
    assert not [key for key, number in once.items() if number > 1], "a request is one task"
    return rows


def _scheduled(row: TaskRow) -> bool:
    return row.schedule_id is not None and row.not_before is not None


def _one_end(row: TaskRow, types: list[str]) -> None:
    assert row.status in TERMINAL, "7: nothing lives without an owner"
    assert types.count("task.finished") == 1, "1: one end"
    assert "task.status" not in types[types.index("task.finished") :], "late facts change nothing"
    assert types.count("task.started") == row.run_no, "each run began once"
    assert row.duration_ms is not None
    assert row.duration_ms >= 0


def _parents_first(rows: dict[str, TaskRow], logs: dict[str, list[StoredEvent]]) -> None:
    for task_id, row in rows.items():
        began = next((event.gid for event in logs[task_id] if event.type == "task.started"), None)
        for parent in row.depends_on.split() if began is not None else ():
            if parent in rows:  # it may have been deleted since
                ended = next(event.gid for event in logs[parent] if event.type == "task.finished")
                assert (rows[parent].status, ended < (began or 0)) == (Status.COMPLETED, True)


def _one_of_a_key(rows: dict[str, TaskRow], logs: dict[str, list[StoredEvent]]) -> None:
    everything = sorted((event for log in logs.values() for event in log), key=lambda event: event.gid)
    running: dict[str, set[str]] = defaultdict(set)
    for event in everything:
        key = rows[event.task_id].exclusive_key
        if key is not None and event.type == "task.started":
            running[key].add(event.task_id)
            assert len(running[key]) == 1, "of one key one task at a time"
        elif key is not None and event.type == "task.finished":
            running[key].discard(event.task_id)


def check_runs(started: Sequence[tuple[str, int]], rows: dict[str, TaskRow]) -> None:
    """No run of any task was begun twice, and only runs that are in the log."""
    assert all(number == 1 for number in Counter(started).values()), "a run was begun twice"
    assert all(run <= rows[task_id].run_no for task_id, run in started if task_id in rows)
