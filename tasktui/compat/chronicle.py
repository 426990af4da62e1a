"""Writes down a task of another program as history: its facts one after the other, with their times."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from tasktui.domain.events.base import Data, NewEvent
from tasktui.domain.events.lifecycle import TaskCreated, TaskFinished, TaskLinked, TaskStarted
from tasktui.domain.history import History
from tasktui.domain.rows import UnixMs
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Reason, Status, usual_reason

ACTOR = "manager:import"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that could not be read, and why; the others are."""

    name: str
    why: str


class Chronicle:
    """The facts of one task; none comes before the one before it."""

    def __init__(self, task_id: str, at: UnixMs, spec: TaskSpec, *, origin: str) -> None:
        self._id = task_id
        self._origin = origin
        self._run = 0
        self._live: list[NewEvent] = []
        self._events: list[NewEvent] = []
        self.now = at
        self.tell(TaskCreated(title=spec.title, spec=spec))

    def tell(self, data: Data, at: UnixMs | None = None) -> None:
        """Add a fact; without a time it is of the time of the last one."""
        self.now = max(self.now, self.now if at is None else at)
        whole, raw = data.storable()
        self._events.append(NewEvent(self._id, self._run, self.now, whole, ACTOR, raw))

    def last(self, data: Data) -> None:
        """Add the last value of what is in no log."""
        self._live.append(NewEvent(self._id, self._run, self.now, data, ACTOR))

    def link(self, external_id: str) -> None:
        """Say what the task is called there."""
        self.tell(TaskLinked(external_id=external_id))

    def start(self, at: UnixMs | None, worker: str) -> None:
        """Begin the run."""
        self._run = 1
        self.tell(TaskStarted(worker=worker), at)
        self._began = self.now

    def finish(
        self, status: Status, at: UnixMs | None, *, reason: Reason | None = None, result: str | None = None,
        error: str | None = None, exit_code: int | None = None,
    ) -> None:  # fmt: skip
        """End the task."""
        began = self._began if self._run else self.now
        self.now = max(self.now, self.now if at is None else at)
        self.tell(
            TaskFinished(
                status=status, reason=reason or usual_reason(status), source="import",
                evidence=f"as {self._origin} had it", result_inline=result,
                result_summary=result.strip()[:240] if result else None, error=error, exit_code=exit_code,
                duration_ms=self.now - began,
            )
        )  # fmt: skip

    def history(self) -> History:
        """Return all of it."""
        return History(self._id, tuple(self._events), tuple(self._live), self._origin)


def task_id_of(*key: object) -> str:
    """Return the id of a task that has its name elsewhere: always the same for the same one."""
    words = "\0".join(map(str, key)).encode("utf-8", "replace")
    return f"task_{blake2b(words, digest_size=8).hexdigest()}"
