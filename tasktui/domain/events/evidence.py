"""Evidence for the quality of work: checklist, gates, attempts, GitHub events."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from tasktui.domain.events.base import Data
from tasktui.domain.rows import UnixMs


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ChecklistItem(_Record):
    """One line of a checklist."""

    id: int
    content: str
    status: Literal["pending", "in_progress", "completed"] = "pending"


class ChecklistUpdated(Data):
    """The whole checklist, replacing the last one."""

    TYPE = "checklist.updated"
    items: tuple[ChecklistItem, ...]
    completion_pct: Annotated[int, Field(ge=0, le=100)] | None = None
    in_progress_id: int | None = None


class Gate(_Record):
    """One check that was run, with its verdict."""

    id: str
    gate: str = "custom"
    """fmt, check, clippy, test, custom or another word."""
    command: str = ""
    cwd: str | None = None
    exit_code: int | None = None
    status: Literal["passed", "failed", "timeout"]
    classification: str | None = None
    duration_ms: int = 0
    summary: str = ""
    log_path: str | None = None
    recorded_at: UnixMs | None = None


class GateRecorded(Data):
    """A gate was run; the same id replaces the last record."""

    TYPE = "gate.recorded"
    gate: Gate


class Attempt(_Record):
    """One try at the task among several, as a branch or a patch."""

    id: str
    attempt_group_id: str = ""
    attempt_index: int = 1
    attempt_count: int = 1
    base_ref: str | None = None
    base_sha: str | None = None
    head_ref: str | None = None
    head_sha: str | None = None
    summary: str = ""
    changed_files: tuple[str, ...] = ()
    patch_path: str | None = None
    verification: tuple[str, ...] = ()
    selected: bool = False
    recorded_at: UnixMs | None = None


class AttemptRecorded(Data):
    """An attempt was made; the same id replaces the last record."""

    TYPE = "attempt.recorded"
    attempt: Attempt


class GithubEvent(_Record):
    """Something happened on GitHub for this task."""

    id: str
    action: str
    target: str = ""
    number: int | None = None
    summary: str = ""
    url: str | None = None
    recorded_at: UnixMs | None = None


class GithubRecorded(Data):
    """A GitHub event; the same id replaces the last record."""

    TYPE = "github.recorded"
    event: GithubEvent
