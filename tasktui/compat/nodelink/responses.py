"""What a task of system 001 tells while it runs, from its first byte to its end, to anybody at any time."""

from __future__ import annotations

import codecs
from collections.abc import AsyncIterator, Iterator
from typing import Final

from tasktui.compat.nodelink.tasks import TaskResponse, final_of, is_final, status_of
from tasktui.domain.ports.manager import Manager
from tasktui.domain.requests import Interest, OutputChunk
from tasktui.domain.rows import TaskRow

INTERVAL_S: Final = 0.05
"""Output is told in pieces no faster than this."""
PIECE_BYTES: Final = 65_536


class _Reading:
    """Reads one task's output on, each stream decoded by itself."""

    def __init__(self, manager: Manager, task_id: str) -> None:
        self._manager = manager
        self._task_id = task_id
        self._offset = 0
        decoder = codecs.getincrementaldecoder("utf-8")
        self._decoders = {1: decoder("replace"), 2: decoder("replace")}

    async def on(self) -> AsyncIterator[tuple[int, str]]:
        """Yield (stream, text) of what is new."""
        while True:
            chunk = await self._manager.output(self._task_id, offset=self._offset, limit=PIECE_BYTES)
            for stream, data in _split(chunk):
                text = self._decoders[stream].decode(data)
                if text:
                    yield stream, text
            self._offset = chunk.next_offset
            if not chunk.data or chunk.next_offset >= chunk.size:
                return


def _split(chunk: OutputChunk) -> Iterator[tuple[int, bytes]]:
    if not chunk.marks:
        return
    ends = [mark[0] for mark in chunk.marks[1:]] + [chunk.offset + len(chunk.data)]
    for (begin, stream, _), end in zip(chunk.marks, ends, strict=True):
        if end > begin:
            yield stream, chunk.data[begin - chunk.offset : end - chunk.offset]


async def responses(manager: Manager, task_id: str) -> AsyncIterator[TaskResponse]:
    """Yield every piece of output from the beginning, then one final response.

    Raises:
        NotFoundError: there is no such task.
    """
    task_id = (await manager.get(task_id)).id
    reading = _Reading(manager, task_id)
    changes = manager.changes(Interest(task_id, INTERVAL_S))
    try:
        async for _ in changes:
            row = (await manager.get(task_id)).row
            async for stream, text in reading.on():
                yield _piece(row, stream, text)
            if is_final(row):
                yield final_of(row)
                return
    finally:
        close = getattr(changes, "aclose", None)
        if close is not None:
            await close()


def _piece(row: TaskRow, stream: int, text: str) -> TaskResponse:
    status = "in_progress" if is_final(row) else status_of(row)
    out, err = (text, "") if stream == 1 else ("", text)
    return TaskResponse(row.id, row.agent_id or "", status, stdout=out, stderr=err)
