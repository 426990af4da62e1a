"""The JSON record of system 004 (schema version 2): its field names and types, in and out."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, field_validator

SCHEMA_VERSION: Final = 2
"""The record's version that is written; older ones are read."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="ignore")


class TaskTimelineEntry(_Record):
    """One line of what happened."""

    timestamp: datetime
    kind: str
    summary: str
    """At most 240 characters."""
    detail_path: str | None = None


class TaskToolCallSummary(_Record):
    """One use of a tool."""

    id: str
    name: str
    status: str
    """running, success, failed or canceled."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_ms: int | None = None
    input_summary: str | None = None
    output_summary: str | None = None
    detail_path: str | None = None
    patch_ref: str | None = None


class TaskArtifactRef(_Record):
    """One file, its path relative to the data directory."""

    label: str
    path: str
    summary: str = ""
    created_at: datetime | None = None


class TaskChecklistItem(_Record):
    """One line of the checklist."""

    id: int
    content: str
    status: str = "pending"


class TaskChecklistState(_Record):
    """The whole checklist."""

    items: list[TaskChecklistItem] = Field(default_factory=list)
    completion_pct: int = 0
    in_progress_id: int | None = None
    updated_at: datetime | None = None


class TaskGateRecord(_Record):
    """One check that was run."""

    id: str
    gate: str = "custom"
    command: str = ""
    cwd: str | None = None
    exit_code: int | None = None
    status: str
    classification: str | None = None
    duration_ms: int = 0
    summary: str = ""
    log_path: str | None = None
    recorded_at: datetime | None = None


class TaskAttemptRecord(_Record):
    """One try among several."""

    id: str
    attempt_group_id: str = ""
    attempt_index: int = 1
    attempt_count: int = 1
    base_ref: str | None = None
    base_sha: str | None = None
    head_ref: str | None = None
    head_sha: str | None = None
    summary: str = ""
    changed_files: list[str] = Field(default_factory=list)
    patch_path: str | None = None
    verification: list[str] = Field(default_factory=list)
    selected: bool = False
    recorded_at: datetime | None = None


class TaskGithubEvent(_Record):
    """Something that happened on GitHub."""

    id: str
    action: str
    target: str = ""
    number: int | None = None
    summary: str = ""
    url: str | None = None
    recorded_at: datetime | None = None


class TaskSummary(_Record):
    """One task as the list shows it."""

    id: str
    status: str
    """queued, running, completed, failed or canceled."""
    prompt_summary: str
    model: str
    mode: str
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_ms: int | None = None
    error: str | None = None
    thread_id: str | None = None
    turn_id: str | None = None


class TaskRecord(_Record):
    """One task with everything that belongs to it."""

    schema_version: int = 1
    id: str
    prompt: str
    model: str
    workspace: str
    mode: str
    allow_shell: bool
    trust_mode: bool
    auto_approve: bool = False
    status: str
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_ms: int | None = None
    terminal_reason: str | None = None
    result_summary: str | None = None
    result_detail_path: str | None = None
    error: str | None = None
    thread_id: str | None = None
    turn_id: str | None = None
    runtime_event_count: int = 0
    checklist: TaskChecklistState = Field(default_factory=TaskChecklistState)
    gates: list[TaskGateRecord] = Field(default_factory=list)
    attempts: list[TaskAttemptRecord] = Field(default_factory=list)
    artifacts: list[TaskArtifactRef] = Field(default_factory=list)
    github_events: list[TaskGithubEvent] = Field(default_factory=list)
    tool_calls: list[TaskToolCallSummary] = Field(default_factory=list)
    timeline: list[TaskTimelineEntry] = Field(default_factory=list)

    @field_validator("schema_version")
    @classmethod
    def _known(cls, version: int) -> int:
        if version > SCHEMA_VERSION:
            raise ValueError(f"Task schema v{version} is newer than supported v{SCHEMA_VERSION}")
        return version

    def to_json(self) -> str:
        """Return the record as a file holds it."""
        return self.model_dump_json(indent=2, exclude_none=True)


class NewTaskRequest(_Record):
    """What may be asked for; what is None comes from the manager's configuration."""

    prompt: str
    model: str | None = None
    workspace: str | None = None
    mode: str | None = None
    allow_shell: bool | None = None
    trust_mode: bool | None = None
    auto_approve: bool | None = None


class TaskCounts(_Record):
    """How many tasks stand where."""

    queued: int = 0
    running: int = 0
    completed: int = 0
    failed: int = 0
    canceled: int = 0
