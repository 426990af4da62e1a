"""Slots objects for what belongs to a task: events, tool calls, artifacts, messages, questions, evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tasktui.domain.rows import UnixMs
from tasktui.domain.status import ToolStatus


class StoredEvent(NamedTuple):
    """One persisted fact as it lies in the log; `data` is the JSON of its type's model."""

    gid: int
    """Position in the whole log, monotone."""
    task_id: str
    seq: int
    """Position in the task's log, gap-free from 1."""
    run: int
    ts: UnixMs
    type: str
    actor: str
    """`kind` or `kind:id`, for instance `user:ann`; empty when unknown."""
    data: bytes


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One use of a tool by the task."""

    task_id: str
    call_id: str
    number: int
    """Position among the task's calls, from 1."""
    name: str
    status: ToolStatus
    kind: str | None = None
    """read, edit, execute, search, fetch, think or another word of the agent."""
    parent_id: str | None = None
    """The message or call it belongs to."""
    started_at: UnixMs | None = None
    ended_at: UnixMs | None = None
    duration_ms: int | None = None
    input_summary: str | None = None
    output_summary: str | None = None
    detail_ref: str | None = None
    """Artifact id of the whole output."""
    patch_ref: str | None = None
    """Artifact id of the diff."""
    seq: int = 0
    """The event that started it."""
    added: int | None = None
    """Lines that it added to files; None where it told of no change."""
    removed: int | None = None


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file that belongs to a task."""

    task_id: str
    artifact_id: str
    label: str
    path: str
    """Relative to the data directory, or to the watched directory `root`."""
    role: str
    """result, tool_output, patch, log, raw, user or watched."""
    source: str
    """Who wrote it: executor, manager, task, watcher, user."""
    size_bytes: int
    created_at: UnixMs
    changed_at: UnixMs
    root: str | None = None
    """The watched directory; None for the task's own artifact directory."""
    mime: str | None = None
    sha256: str | None = None
    summary: str | None = None
    removed_at: UnixMs | None = None


@dataclass(frozen=True, slots=True)
class InterventionRow:
    """One message from a person to a running task, with its verdict."""

    task_id: str
    intervention_id: str
    state: str
    """queued, delivered, expired, failed or unknown."""
    user: str
    text: str
    mode: str
    created_at: UnixMs
    attachments: str = ""
    """JSON array of names."""
    request_id: str | None = None
    client_token: str | None = None
    delivered_at: UnixMs | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One question of a task to a person: an approval or an input, with its answer."""

    task_id: str
    request_id: str
    kind: str
    """approval or input."""
    state: str
    """waiting, answered or expired."""
    summary: str
    """What would run, or what is asked."""
    requested_at: UnixMs
    tool: str | None = None
    context: str | None = None
    """Working directory, reason, risk, diff: JSON."""
    options: str = ""
    """JSON array of the words offered."""
    decision: str | None = None
    """allow, deny, or the answer's text."""
    scope: str | None = None
    """once, task or always."""
    decided_by: str | None = None
    decided_from: str | None = None
    reason: str | None = None
    resolved_at: UnixMs | None = None
    expires_at: UnixMs | None = None


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A gate, attempt, GitHub event or segment: its id and the JSON of its record."""

    task_id: str
    kind: str
    """gate, attempt, github or segment."""
    key: str
    recorded_at: UnixMs
    record: str
