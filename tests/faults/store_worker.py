"""A process that writes into a store as fast as it can, and tells on stdout what was acknowledged."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tasktui.domain.events import lifecycle, work
from tasktui.domain.events.base import NewEvent
from tasktui.domain.ports.store import Committed
from tasktui.store.sqlite.store import SQLiteStore
from tests.contract.facts import T0, change, created, finished


async def main(path: Path) -> None:
    """Work until somebody stops it."""
    store = SQLiteStore(path)
    await store.open()
    epoch = await store.take_epoch(1)
    for number in range(100_000):
        task_id = f"e{epoch}-t{number}"
        for facts in (
            (created(),),
            (lifecycle.TaskStarted(), work.ToolStarted(call_id="1", name="bash")),
            (work.MessageCompleted(content="word " * 50), work.MessageCompleted(content="x")),
            (finished(),),
        ):
            (answer,) = await store.commit([change(task_id, *facts, run=1, epoch=epoch)])
            assert isinstance(answer, Committed), answer
            print(task_id, answer.events[-1].seq, flush=True)  # noqa: T201  # what the test reads
            await store.set_live([NewEvent(task_id, 1, T0, lifecycle.TaskProgress(current=number))])
        await store.index_output(task_id, 1, "output")
        if number % 3 == 2:
            await store.delete([task_id], epoch=epoch)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
