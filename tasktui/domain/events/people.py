"""Facts between a task and people: messages, questions, approvals."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tasktui.domain.events.base import Data
from tasktui.domain.rows import UnixMs

Mode = Literal["steer", "queue", "interrupt", "answer"]


class InterventionQueued(Data):
    """A person wrote to the task."""

    TYPE = "intervention.queued"
    intervention_id: str
    text: str
    user: str = "you"
    mode: Mode = "steer"
    attachments: tuple[str, ...] = ()
    request_id: str | None = None
    client_token: str | None = None
    position: int = 0


class InterventionDelivered(Data):
    """The task has the message."""

    TYPE = "intervention.delivered"
    intervention_id: str
    detail: str | None = None


class InterventionExpired(Data):
    """The run ended before the message could be delivered."""

    TYPE = "intervention.expired"
    intervention_id: str
    detail: str | None = None


class InterventionFailed(Data):
    """The message could not be delivered, or nobody knows (`unknown`)."""

    TYPE = "intervention.failed"
    intervention_id: str
    unknown: bool = False
    detail: str | None = None


class InputRequested(Data):
    """The task asks a question and waits."""

    TYPE = "input.requested"
    request_id: str
    question: str
    options: tuple[str, ...] = ()
    context: dict[str, object] = Field(default_factory=dict)
    expires_at: UnixMs | None = None


class InputResponded(Data):
    """A person answered the question."""

    TYPE = "input.responded"
    request_id: str
    answer: str
    by: str = "you"
    origin: str | None = None
    """From where: screen, cli, api."""


class InputExpired(Data):
    """Nobody answered in time, or the run ended."""

    TYPE = "input.expired"
    request_id: str
    reason: str | None = None


class ApprovalRequested(Data):
    """The task asks for permission and waits."""

    TYPE = "approval.requested"
    request_id: str
    summary: str
    tool: str | None = None
    options: tuple[str, ...] = ()
    context: dict[str, object] = Field(default_factory=dict)
    expires_at: UnixMs | None = None


class ApprovalResolved(Data):
    """A person or a policy decided."""

    TYPE = "approval.resolved"
    request_id: str
    decision: Literal["allow", "deny"]
    scope: Literal["once", "task", "always"] = "once"
    by: str = "you"
    origin: str | None = None
    reason: str | None = None


class ApprovalExpired(Data):
    """Nobody decided in time, or the run ended."""

    TYPE = "approval.expired"
    request_id: str
    reason: str | None = None
