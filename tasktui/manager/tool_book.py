"""Keeps the tool calls of a run in order: each starts once, ends once, and is open until then."""

from __future__ import annotations

from collections.abc import Iterable

from tasktui.domain.events.base import Data
from tasktui.domain.events.work import ToolCompleted, ToolStarted
from tasktui.domain.records import ToolCall
from tasktui.domain.rows import UnixMs
from tasktui.domain.status import ToolStatus


class ToolBook:
    """The calls of one run that are known, and since when the open ones run."""

    def __init__(self) -> None:
        self._open: dict[str, float | None] = {}
        self._ended: set[str] = set()

    def know(self, calls: Iterable[ToolCall]) -> None:
        """Take over what an earlier owner saw."""
        for call in calls:
            if call.status is ToolStatus.RUNNING:
                self._open[call.call_id] = None
            else:
                self._ended.add(call.call_id)

    def started(self, data: ToolStarted, at: float) -> tuple[Data, ...]:
        """Return what is to be reported of a start: nothing for one that is known."""
        if data.call_id in self._open or data.call_id in self._ended:
            return ()
        self._open[data.call_id] = at
        return (data,)

    def completed(self, data: ToolCompleted, at: float) -> tuple[Data, ...]:
        """Return what is to be reported of an end: its start first where that is unknown."""
        if data.call_id in self._ended:
            return ()
        self._ended.add(data.call_id)
        if data.call_id not in self._open:
            return (ToolStarted(call_id=data.call_id, name=data.name or "?"), data)
        since = self._open.pop(data.call_id)
        if data.duration_ms is None and since is not None:
            data = data.model_copy(update={"duration_ms": max(0, round((at - since) * 1000))})
        return (data,)

    def close(self, *, canceled: bool) -> tuple[ToolCompleted, ...]:
        """Return the ends of all that are open."""
        ends = tuple(ToolCompleted(call_id=call_id, ok=False, canceled=canceled) for call_id in self._open)
        self._ended.update(self._open)
        self._open.clear()
        return ends


def elapsed_ms(since: UnixMs | None, now: UnixMs) -> int:
    """Return a duration by the wall clock, never negative."""
    return max(0, now - since) if since is not None else 0
