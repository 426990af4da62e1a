"""Tasks, requests and responses of system 001, and what each is in tasktui's words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from tasktui.compat.times import instant
from tasktui.domain.errors import InvalidError
from tasktui.domain.requests import Task as NativeTask
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import TERMINAL, Status

TIMEOUT_S: Final = 300.0
"""How long a task may take when nothing else is asked for."""
STATUS: Final = {
    Status.QUEUED: "created",
    Status.DISPATCHED: "sent",
    Status.RUNNING: "in_progress",
    Status.COMPLETED: "completed",
    Status.FAILED: "failed",
    Status.INTERRUPTED: "failed",
    Status.LOST: "failed",
    Status.TIMED_OUT: "timeout",
    Status.CANCELED: "cancelled",
}
"""The seven states of 001 as a view on the stored status."""


@dataclass(frozen=True, slots=True)
class ShellExecute:
    """A line for a shell."""

    cmd: str


@dataclass(frozen=True, slots=True)
class DockerRun:
    """A container of an image, removed when it ends."""

    img: str
    cmd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DockerStart:
    """Start a container that is there."""

    id: str


@dataclass(frozen=True, slots=True)
class DockerStop:
    """Stop a container."""

    id: str


@dataclass(frozen=True, slots=True)
class DockerLogs:
    """Print what a container wrote."""

    id: str


@dataclass(frozen=True, slots=True)
class LogMessage:
    """Print a message on the agent."""

    msg: str


Request: TypeAlias = ShellExecute | DockerRun | DockerStart | DockerStop | DockerLogs | LogMessage


@dataclass(frozen=True, slots=True)
class Task:
    """One task of an agent."""

    id: str
    agent_id: str
    status: str
    """created, sent, in_progress, completed, failed, timeout or cancelled."""
    command: str
    timeout_s: float | None
    created_at: datetime
    updated_at: datetime
    exit_code: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class TaskResponse:
    """What an agent tells of a task: a piece of output, or its end."""

    task_id: str
    agent_id: str
    status: str
    stdout: str = ""
    stderr: str = ""
    exit_code: int | None = None
    is_final: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as 001 sends it, in camel case, without what is empty."""
        shell = {"stdout": self.stdout, "stderr": self.stderr, "exitCode": self.exit_code}
        return {
            "taskId": self.task_id,
            "agentId": self.agent_id,
            "status": self.status.upper(),
            "isFinal": self.is_final,
            "cancelled": self.status == "cancelled",
            "shellExecute": {key: value for key, value in shell.items() if value not in {"", None}},
        }


def status_of(row: TaskRow) -> str:
    """Return the task's state in 001's words."""
    return STATUS[row.status]


def is_final(row: TaskRow) -> bool:
    """Whether the state is an end."""
    return row.status in TERMINAL


def task_of(task: NativeTask) -> Task:
    """Return a task as 001 shows it."""
    row = task.row
    return Task(
        id=row.id, agent_id=row.agent_id or "", status=status_of(row), command=task.spec.work.headline(),
        timeout_s=row.timeout_s, created_at=instant(row.created_at), updated_at=instant(row.updated_at),
        exit_code=row.exit_code, error=row.error,
    )  # fmt: skip


def final_of(row: TaskRow) -> TaskResponse:
    """Return the last response of a task that has ended."""
    return TaskResponse(
        row.id, row.agent_id or "", status_of(row), stderr=_told(row), exit_code=row.exit_code, is_final=True
    )


def _told(row: TaskRow) -> str:
    return row.error or "" if status_of(row) in {"failed", "timeout"} else ""


_ARGV: Final[dict[type, Callable[[Any], tuple[str, ...]]]] = {
    DockerRun: lambda asked: ("docker", "run", "--rm", "--", asked.img, *asked.cmd),
    DockerStart: lambda asked: ("docker", "start", "--", asked.id),
    DockerStop: lambda asked: ("docker", "stop", "--", asked.id),
    DockerLogs: lambda asked: ("docker", "logs", "--", asked.id),
    LogMessage: lambda asked: ("printf", "%s\\n", asked.msg),
}


def spec_of(agent_id: str, request: Request, timeout_s: float) -> TaskSpec:
    """Return the task that does what is asked; any exit code is a completion, as in 001.

    Raises:
        InvalidError: the command is empty, or the timeout is no time.
    """
    try:
        if isinstance(request, ShellExecute):
            work = ShellWork(command=request.cmd, ok_exit_codes="any", stdin=False)
        else:
            work = ShellWork(argv=_ARGV[type(request)](request), ok_exit_codes="any", stdin=False)
        return TaskSpec(work=work, agent_id=agent_id, lane=f"agent.{agent_id}", timeout_s=timeout_s)
    except ValueError as exc:
        raise InvalidError(f"This cannot be run: {exc}") from exc
