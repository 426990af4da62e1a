"""Tasks as system 000 shows them: made anew at each call from what the manager holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from tasktui.compat.adapters import whole_text
from tasktui.compat.times import instant
from tasktui.domain.ports.manager import Manager
from tasktui.domain.requests import TaskDetail
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import CustomWork, TaskSpec
from tasktui.domain.status import Reason, Status

LANE: Final = "soul"
EXTERNAL: Final = "external"
"""The executor of work that its caller does."""
ENDS: Final = frozenset({"complete", "error"})
"""The events after which nothing comes."""
OUTPUT: Final = "output"
"""The role of a file that a completed run names."""
GIB: Final = 1 << 30
RESTARTED: Final = "Interrupted by a restart of the service."
"""The error of a task that a restart of the service ended."""
_HEADLINE_CHARS: Final = 120


class TaskStatus(StrEnum):
    """The three states of 000."""

    RUNNING = "running"
    COMPLETED = "completed"
    ERROR = "error"


@dataclass(slots=True)
class Task:
    """One request of one client."""

    client_id: str
    request_id: str
    prompt: str
    status: TaskStatus
    created_at: datetime
    resume_session_id: str | None = None
    claude_session_id: str | None = None
    attachment_paths: list[str] = field(default_factory=list)
    allowed_tools: list[str] | None = field(default=None, repr=False)
    disallowed_tools: list[str] | None = field(default=None, repr=False)
    use_mcp: bool = field(default=True, repr=False)
    result: str | None = None
    error: str | None = None
    result_delivered: bool = False
    completed_at: datetime | None = None
    last_progress_text: str | None = field(default=None, repr=False)
    task_id: str = field(default="", repr=False)
    """Its id in tasktui."""

    @property
    def key(self) -> str:
        """Return `client:request`."""
        return key_of(self.client_id, self.request_id)

    def to_dict(self) -> dict[str, Any]:
        """Return what 000 keeps in its file and shows over HTTP."""
        return {
            "client_id": self.client_id, "request_id": self.request_id, "prompt": self.prompt,
            "status": self.status.value, "resume_session_id": self.resume_session_id,
            "claude_session_id": self.claude_session_id, "result": self.result, "error": self.error,
            "result_delivered": self.result_delivered, "created_at": self.created_at.isoformat(),
            "completed_at": None if self.completed_at is None else self.completed_at.isoformat(),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks for; all of it is kept."""

    client_id: str
    request_id: str
    prompt: str
    resume_session_id: str | None = None
    allowed_tools: Sequence[str] | None = None
    disallowed_tools: Sequence[str] | None = None
    use_mcp: bool = True
    attachment_paths: Sequence[str] = ()

    @property
    def key(self) -> str:
        """Return `client:request`."""
        return key_of(self.client_id, self.request_id)

    def spec(self, *, timeout_s: float | None, outlives: bool) -> TaskSpec:
        """Return the task that holds the request.

        Args:
            timeout_s: after which it is ended.
            outlives: whether the work goes on when the manager's process ends.
        """
        line = (self.prompt.strip() or "(empty prompt)").splitlines()[0]
        payload: dict[str, object] = {
            "prompt": self.prompt, "resume_session_id": self.resume_session_id,
            "allowed_tools": None if self.allowed_tools is None else list(self.allowed_tools),
            "disallowed_tools": None if self.disallowed_tools is None else list(self.disallowed_tools),
            "use_mcp": self.use_mcp, "attachment_paths": list(self.attachment_paths),
        }  # fmt: skip
        return TaskSpec(
            work=CustomWork(executor=EXTERNAL, payload=payload), name=line[:_HEADLINE_CHARS], lane=LANE,
            client_id=self.client_id, request_id=self.request_id, timeout_s=timeout_s,
            on_restart="reattach" if outlives else "interrupt",
        )  # fmt: skip


def key_of(client_id: str, request_id: str) -> str:
    """Return how 000 names a task."""
    return f"{client_id}:{request_id}"


def status_of(status: Status, *, ended: bool) -> TaskStatus:
    """Return a status in 000's words."""
    if not ended:
        return TaskStatus.RUNNING
    return TaskStatus.COMPLETED if status is Status.COMPLETED else TaskStatus.ERROR


def error_of(row: TaskRow) -> str | None:
    """Return why a task is in error; None when it is not."""
    if row.finished_at is None or row.status is Status.COMPLETED:
        return None
    if row.terminal_reason in {Reason.PROCESS_RESTART, Reason.SHUTDOWN}:
        return RESTARTED
    return row.error or f"Task {row.status}: {row.terminal_reason}"


async def result_of(manager: Manager, detail: TaskDetail) -> str | None:
    """Return the whole result of a task that completed."""
    row = detail.task.row
    if row.status is not Status.COMPLETED:
        return None
    text = detail.result_inline or row.result_summary or ""
    return await whole_text(manager, row.id, text, row.result_ref)


async def task_of(manager: Manager, row: TaskRow) -> Task:
    """Return a task of this system as 000 shows it."""
    detail = await manager.detail(row.id)
    row, work = detail.task.row, detail.task.spec.work
    assert isinstance(work, CustomWork)  # noqa: S101  # what is in this system's lane was asked for by it
    asked: dict[str, Any] = work.payload
    return Task(
        client_id=row.client_id or "", request_id=row.request_id or "", prompt=asked["prompt"],
        status=status_of(row.status, ended=row.finished_at is not None), created_at=instant(row.created_at),
        resume_session_id=asked["resume_session_id"], claude_session_id=row.session_id,
        attachment_paths=list(asked["attachment_paths"]), allowed_tools=asked["allowed_tools"],
        disallowed_tools=asked["disallowed_tools"], use_mcp=asked["use_mcp"],
        result=await result_of(manager, detail), error=error_of(row),
        result_delivered=row.delivered_at is not None, completed_at=instant(row.finished_at),
        last_progress_text=row.status_text, task_id=row.id,
    )  # fmt: skip
