"""Whatever happens in whatever order, with crashes in between: the invariants of a task's life hold."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from tasktui.domain.events import lifecycle, people, work
from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.ports.store import Change, Committed, Store
from tasktui.domain.records import StoredEvent
from tasktui.domain.rows import TaskRow
from tasktui.domain.status import TERMINAL, Reason, Status, ToolStatus
from tasktui.store.memory import MemoryStore
from tasktui.store.sqlite.store import SQLiteStore
from tests.contract.facts import T0, change, crash_image, created, finished, refolded

ENDS = [
    (Status.COMPLETED, Reason.COMPLETED),
    (Status.FAILED, Reason.ERROR),
    (Status.CANCELED, Reason.CANCELED),
    (Status.TIMED_OUT, Reason.WALL_TIMEOUT),
    (Status.INTERRUPTED, Reason.SHUTDOWN),
    (Status.LOST, Reason.SHIM_LOST),
]
FACTS: list[Data] = [
    lifecycle.TaskStarted(),
    lifecycle.TaskDispatched(agent_id="box"),
    lifecycle.TaskCancelRequested(by="ann"),
    lifecycle.TaskRequeued(from_status=Status.RUNNING, policy="requeue"),
    lifecycle.TaskHeld(),
    lifecycle.TaskReleased(),
    lifecycle.TaskEdited(title="other", lane="gpu"),
    lifecycle.TaskAcked(),
    lifecycle.TaskArchived(),
    work.MessageCompleted(content="said"),
    work.ToolStarted(call_id="1", name="bash"),
    work.ToolStarted(call_id="2", name="read"),
    work.ToolCompleted(call_id="1"),
    work.ToolCompleted(call_id="3", ok=False),
    people.ApprovalRequested(request_id="r", summary="rm"),
    people.ApprovalResolved(request_id="r", decision="allow"),
    *(finished(status, reason) for status, reason in ENDS),
]
LIVE: list[Data] = [lifecycle.TaskProgress(current=1, total=2), work.UsageTokens(input_tokens=5)]
LAST_VALUES = ("progress_current", "progress_total", "progress_percentage", "tokens_in", "tokens_out")


class Lives(RuleBasedStateMachine):
    """Tasks live and end, and their process dies now and then; a crash leaves what memory holds."""

    tasks: Bundle[str] = Bundle("tasks")

    def make(self) -> Store:
        return MemoryStore()

    def reopen_after_crash(self) -> Store:
        assert isinstance(self.store, MemoryStore)
        return MemoryStore(self.store.contents)

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(prefix="tasktui-machine-"))
        self.store = self.make()
        self.run(self.store.open())
        self.epoch = self.run(self.store.take_epoch(1))
        self.acknowledged: dict[str, list[StoredEvent]] = {}
        self.number = 0

    def run(self, coroutine: Any) -> Any:
        return self.runner.run(coroutine)

    def commit(self, *changes: Change) -> Sequence[Any]:
        answers = self.run(self.store.commit(changes))
        for answer in answers:
            if isinstance(answer, Committed):
                for event in answer.events:
                    self.acknowledged.setdefault(event.task_id, []).append(event)
        return answers

    @rule(target=tasks, key=st.sampled_from([None, None, "key"]))
    def submit(self, key: str | None) -> Any:
        self.number += 1
        task_id = f"t{self.number}"
        (answer,) = self.commit(change(task_id, created(exclusive_key=key), epoch=self.epoch))
        return task_id if isinstance(answer, Committed) else multiple()

    @rule(task_id=tasks, facts=st.lists(st.sampled_from(FACTS), min_size=1, max_size=3), newer=st.booleans())
    def happen(self, task_id: str, facts: list[Data], *, newer: bool) -> None:
        row = self.run(self.store.row(task_id))
        run = row.run_no + newer
        (answer,) = self.commit(change(task_id, *facts, run=run, ts=T0 + self.number, epoch=self.epoch))
        if row.status in TERMINAL and isinstance(answer, Committed):
            assert answer.row is not None
            assert answer.row.status == row.status

    @rule(task_id=tasks, fact=st.sampled_from(LIVE))
    def pass_by(self, task_id: str, fact: Data) -> None:
        self.run(self.store.set_live([NewEvent(task_id, 99, T0, fact)]))

    @rule(one=tasks, other=tasks, fact=st.sampled_from(FACTS))
    def race(self, one: str, other: str, fact: Data) -> None:
        expected = self.run(self.store.row(one))
        options: dict[str, Any] = {"run": expected.run_no, "epoch": self.epoch}
        self.commit(
            change(one, fact, expected_seq=expected.last_seq, **options),
            change(other, work.MessageCompleted(content="x"), **options),
            change(one, fact, expected_seq=expected.last_seq, **options),
        )

    @rule()
    def crash(self) -> None:
        self.store = self.reopen_after_crash()
        self.epoch = self.run(self.store.take_epoch(2))

    @invariant()
    def nothing_acknowledged_is_lost_and_rows_agree_with_the_log(self) -> None:
        for task_id, events in getattr(self, "acknowledged", {}).items():
            log = self.run(self.store.read(task_id=task_id))
            assert list(log) == events
            assert [event.seq for event in log] == list(range(1, len(log) + 1))
            row = self.run(self.store.row(task_id))
            assert _stored_part(row) == _stored_part(refolded(log))
            self.one_end_and_no_open_calls(row, log)

    def one_end_and_no_open_calls(self, row: TaskRow, log: Sequence[StoredEvent]) -> None:
        # a late end of an older run is logged and changes nothing
        ends = [event for event in log if event.type == "task.finished" and event.run >= row.run_no]
        assert len(ends) == (row.status in TERMINAL)
        if row.status in TERMINAL:
            calls = self.run(self.store.tools(row.id)).items
            assert ToolStatus.RUNNING not in {call.status for call in calls}

    @invariant()
    def counters_agree_with_the_rows(self) -> None:
        if not hasattr(self, "store"):
            return
        rows = self.run(self.store.rows_of(list(self.acknowledged)))
        counts = self.run(self.store.counts())
        shown = [row for row in rows if row.archived_at is None]
        for status in Status:
            assert counts.of(status) == sum(row.status == status for row in shown)
        assert counts.archived == len(rows) - len(shown)
        holders = [row for row in rows if row.exclusive_key and row.status not in TERMINAL]
        assert len(holders) <= 1

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.run(self.store.close())
            self.runner.close()
            shutil.rmtree(self.folder)


def _stored_part(row: TaskRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in TaskRow.__slots__ if name not in LAST_VALUES}


class SQLiteLives(Lives):
    """In a file: a crash leaves the files as they are at that moment, the log not yet copied back."""

    def make(self) -> Store:
        return SQLiteStore(self.folder / "0.db")

    def reopen_after_crash(self) -> Store:
        assert isinstance(self.store, SQLiteStore)
        self.number += 1
        after = self.folder / f"{self.number}.db"
        crash_image(self.store.path, after)
        self.run(self.store.close())
        store = SQLiteStore(after)
        self.run(store.open())
        return store


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("machine", "examples"), [(Lives, 60), (SQLiteLives, 12)])
@pytest.mark.feature(91, 104)
def test_lives(machine: type[Lives], examples: int) -> None:
    """Invariants 1, 2, 4 and 5 of the taxonomy, over both stores."""
    machine.TestCase.settings = settings(
        max_examples=examples,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    machine.TestCase("runTest").debug()
