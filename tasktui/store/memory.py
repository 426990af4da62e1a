"""A store that forgets: the whole contract in dictionaries, for tests, demos and embedding without files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from tasktui.domain import reducer
from tasktui.domain.errors import FencedError
from tasktui.domain.events.base import NewEvent
from tasktui.domain.ids import SYSTEM
from tasktui.domain.patches import patch_of
from tasktui.domain.ports.store import Change, Committed, Conflict
from tasktui.domain.rows import TaskRow, UnixMs
from tasktui.domain.status import ACTIVE, TERMINAL, Status, ToolStatus
from tasktui.store.children import merged
from tasktui.store.memory_reads import Contents, Reads, TaskContents
from tasktui.store.planning import Closing, Key, Plan, Planner, keys_of


class MemoryStore(Reads):
    """Passes the contract of `Store`; what it holds ends with it."""

    def __init__(self, contents: Contents | None = None) -> None:
        super().__init__(contents or Contents())

    async def open(self) -> None:
        """Have nothing to do."""

    async def close(self) -> None:
        """Have nothing to do."""

    async def take_epoch(self, pid: int) -> int:
        """Raise the epoch that fences older owners."""
        self.contents.epoch += 1
        self.contents.owner_pid = pid
        return self.contents.epoch

    async def commit(self, batch: Sequence[Change]) -> Sequence[Committed | Conflict]:
        """Keep changes, in order."""
        for change in batch:
            self._check_epoch(change.epoch)
        plan = Planner(_Known(self.contents), self.contents.head).plan(batch)
        self._keep(plan)
        return plan.results

    def _check_epoch(self, epoch: int) -> None:
        if epoch < self.contents.epoch:
            raise FencedError(epoch=epoch, newer=self.contents.epoch)

    def _keep(self, plan: Plan) -> None:
        contents = self.contents
        contents.head = plan.head
        for task_id, row in plan.changed.items():
            old, contents.tasks[task_id].row = contents.tasks[task_id].row, row
            contents.waits.changed(old, row, _Statuses(contents))
        for task_id, row in plan.created.items():
            contents.tasks[task_id] = TaskContents(row)
            contents.waits.created(row, _Statuses(contents))
        contents.log += plan.events
        for event in plan.events:
            (contents.system if event.task_id == SYSTEM else contents.tasks[event.task_id].events).append(
                event
            )
        for task_id, patch in plan.patches:
            table = contents.tasks[task_id].tables[patch.table]
            before = table.get(patch.key)
            values = merged(before, patch)
            if values is None:
                continue
            if patch.table == "tool_calls" and before is None:
                values["number"] = len(table) + 1
            table[patch.key] = values
        for end in plan.closings:
            self._close_calls(end)

    def _close_calls(self, end: Closing) -> None:
        for call in self.contents.tasks[end.task_id].tables["tool_calls"].values():
            if call["status"] == ToolStatus.RUNNING and call["seq"] < end.seq:
                call.update(status=end.status, ended_at=end.ts)

    async def set_live(self, events: Sequence[NewEvent]) -> Sequence[TaskRow]:
        """Keep the last values of transient events."""
        changed: dict[str, TaskRow] = {}
        for event in events:
            task = self.contents.tasks.get(event.task_id)
            if task is None:
                continue
            row = reducer.live(task.row, event)
            patch = patch_of(event, 0)
            values = merged(task.tables[patch.table].get(patch.key), patch) if patch else None
            if patch is not None and values is not None:
                task.tables[patch.table][patch.key] = values
            if row is not task.row:
                task.row = changed[row.id] = row
        return list(changed.values())

    async def claimable(self, lane: str, *, now: UnixMs, limit: int) -> Sequence[TaskRow]:
        """Return queued tasks of a lane that may start, best first."""
        fits = [row for row in self._rows() if row.lane == lane and self._may_start(row, now)]
        return sorted(fits, key=lambda row: (-row.priority, row.position, row.created_seq))[:limit]

    def _may_start(self, row: TaskRow, now: UnixMs) -> bool:
        if row.status != Status.QUEUED or row.cancel_requested_at is not None:
            return False
        if row.held and (row.held_until is None or row.held_until > now):
            return False
        if row.not_before is not None and row.not_before > now:
            return False
        return row.id not in self.contents.waits.of

    async def newest_firing(self, schedule_id: str) -> TaskRow | None:
        """Return the newest task of a schedule."""
        firings = (row for row in self._rows() if row.schedule_id == schedule_id)
        return max(firings, key=lambda row: row.created_seq, default=None)

    async def neighbour(self, row: TaskRow, *, earlier: bool, farthest: bool = False) -> TaskRow | None:
        """Return the queued task of the same lane and priority just before or after one, or the farthest."""
        alike = [
            other
            for other in self._rows()
            if (other.status, other.lane, other.priority) == (Status.QUEUED, row.lane, row.priority)
        ]
        alike.sort(key=lambda other: (other.position, other.created_seq), reverse=earlier)
        ids = [other.id for other in alike]
        beyond = alike[ids.index(row.id) + 1 :] if row.id in ids else []
        return beyond[-1 if farthest else 0] if beyond else None

    async def stranded(
        self, *, parent: str | None = None, child: str | None = None
    ) -> Sequence[tuple[TaskRow, str]]:
        """Return queued tasks, each with a parent that ended otherwise than completed, or is gone."""
        statuses = _Statuses(self.contents)
        pairs = [
            (self.contents.tasks[task_id].row, wait.parent)
            for task_id, waits in self.contents.waits.of.items()
            for wait in waits
            if not wait.for_key and child in {None, task_id} and parent in {None, wait.parent}
        ]
        over = [(row, one) for row, one in pairs if statuses.get(one) not in {*ACTIVE, Status.QUEUED}]
        return sorted(
            (pair for pair in over if pair[0].status is Status.QUEUED), key=lambda pair: pair[0].created_seq
        )

    async def next_due(self, now: UnixMs) -> UnixMs | None:
        """Return when the next held or delayed task falls due."""
        times = [
            time
            for row in self._rows()
            if row.status == Status.QUEUED
            for time in (row.not_before, row.held_until if row.held else None)
            if time is not None and time > now
        ]
        return min(times, default=None)

    async def live_tasks(self) -> Sequence[TaskRow]:
        """Return every task that is dispatched or running."""
        return [row for row in self._rows() if row.status in ACTIVE]

    async def index_output(self, task_id: str, run: int, text: str) -> None:
        """Keep the head and tail of a run's output for the search."""
        task = self.contents.tasks.get(task_id)
        if task is not None:
            self.contents.outputs.append((self.contents.next_output_place(), task_id, run, text))

    async def expired(self, *, finished_before: UnixMs, keep: int, limit: int) -> Sequence[str]:
        """Return ids that retention may delete, oldest first."""
        done = [row for row in self._rows() if row.finished_at is not None]
        done.sort(key=lambda row: (row.finished_at or 0, row.created_seq))
        surplus = max(0, len(done) - keep)
        old = (
            row.id
            for place, row in enumerate(done)
            if (place < surplus or (row.finished_at or 0) < finished_before)
            and (row.client_id is None or row.acked_at is not None)
            and not self._came_since(row.id, finished_before)
        )
        return list(islice(old, limit))

    def _came_since(self, task_id: str, instant: UnixMs) -> bool:
        """Whether the task was taken in from elsewhere after that."""
        events = self.contents.tasks[task_id].events
        return any(event.type == "task.imported" and event.ts >= instant for event in events)

    async def delete(self, task_ids: Sequence[str], *, epoch: int) -> None:
        """Remove terminal tasks with all that belongs to them."""
        self._check_epoch(epoch)
        contents = self.contents
        gone = {
            task_id
            for task_id in task_ids
            if task_id in contents.tasks and contents.tasks[task_id].row.status in TERMINAL
        }
        for task_id in gone:
            del contents.tasks[task_id]
        contents.log = [event for event in contents.log if event.task_id not in gone]
        contents.outputs = [output for output in contents.outputs if output[1] not in gone]

    async def size_bytes(self) -> int:
        """Return what the payloads take."""
        return sum(len(event.data) for event in self.contents.log)


class _Statuses(Mapping[str, Status]):
    """Where each task stands."""

    def __init__(self, contents: Contents) -> None:
        self._tasks = contents.tasks

    def __getitem__(self, task_id: str) -> Status:
        return self._tasks[task_id].row.status

    def __iter__(self) -> Iterator[str]:
        return iter(self._tasks)

    def __len__(self) -> int:
        return len(self._tasks)


class _Known:
    """What a planner looks up."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents

    def row(self, task_id: str) -> TaskRow | None:
        task = self._contents.tasks.get(task_id)
        return task.row if task is not None else None

    def system_seq(self) -> int:
        return len(self._contents.system)

    def unfinished(self) -> Iterable[tuple[str, str, int]]:
        return ((task.row.lane, task.row.status, 1) for task in self._contents.tasks.values())

    def holder(self, key: Key, besides: Collection[str]) -> str | None:
        if key.kind == "exclusive_key":
            return self._contents.waits.holder(key.value, besides)
        for task in self._contents.tasks.values():
            unfinished = task.row.status not in TERMINAL
            if (
                (unfinished or key.kind == "idempotency_key")
                and key in keys_of(task.row)
                and task.row.id not in besides
            ):
                return task.row.id
        return None
