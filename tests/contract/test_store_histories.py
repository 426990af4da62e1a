"""What every store does with tasks that have been elsewhere."""

from __future__ import annotations

from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.events.lifecycle import TaskAcked, TaskCreated, TaskFinished, TaskImported, TaskStarted
from tasktui.domain.ports.store import Change, Store
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import Reason, Status

OLD, NOW = 1_000, 1_000_000
DONE = TaskFinished(status=Status.COMPLETED, reason=Reason.COMPLETED)


def ended(task_id: str, *later: tuple[int, Data]) -> Change:
    spec = TaskSpec(work=ShellWork(argv=("true",)))
    facts = [(OLD, TaskCreated(title="old", spec=spec)), (OLD, TaskStarted()), (OLD, DONE), *later]
    return Change(task_id, tuple(NewEvent(task_id, 1, at, data) for at, data in facts), expected_seq=0)


async def test_what_was_taken_in_is_as_new_to_retention(store: Store) -> None:
    changes = [
        ended("lived here"),
        ended("acked later", (NOW, TaskAcked())),
        ended("came now", (NOW, TaskImported(origin="pueue"))),
        ended("came long ago", (OLD + 1, TaskImported())),
    ]
    await store.commit(changes)
    old = await store.expired(finished_before=NOW - 1, keep=10, limit=10)
    assert old == ["lived here", "acked later", "came long ago"]
    later = await store.expired(finished_before=NOW + 1, keep=10, limit=10)
    assert later == ["lived here", "acked later", "came now", "came long ago"]
