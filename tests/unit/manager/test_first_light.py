from __future__ import annotations

from pathlib import Path

from tasktui.domain.events.work import MessageDelta
from tasktui.domain.requests import Interest
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import Status
from tasktui.manager.clock import RandomIds, SystemClock
from tasktui.manager.manager import LocalManager
from tasktui.manager.scripted import Output, ScriptedExecutor
from tasktui.manager.scripted_files import MemoryArtifacts
from tasktui.store.memory import MemoryStore


async def test_submit_run_finish(tmp_path: Path) -> None:
    executor = ScriptedExecutor({"hello": [Output("hi\n"), MessageDelta(message_id="m", delta="x")]})
    manager = LocalManager(
        home=tmp_path / "home",
        store=MemoryStore(),
        executors={"shell": executor},
        artifacts=MemoryArtifacts(),
        outputs=executor.outputs,
        clock=SystemClock(),
        ids=RandomIds(),
    )
    await manager.open()
    task = await manager.submit(TaskSpec(work=ShellWork(command="hello")))
    row = await manager.wait(task.id, timeout_s=5)
    assert row.status is Status.COMPLETED
    seen = [event.type async for event in manager.subscribe(task.id)]
    assert seen == ["stream.snapshot", "task.created", "task.started", "task.finished", "stream.end"]
    assert (await manager.output(task.id)).data == b"hi\n"
    async for changes in manager.changes(Interest()):
        assert changes.reread
        assert changes.counts is not None
        assert changes.counts.of(Status.COMPLETED) == 1
        break
    await manager.close()
