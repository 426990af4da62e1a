"""The facts that an executor may report with `ctx.emit`, in one place."""

from __future__ import annotations

from tasktui.domain.events.base import Data
from tasktui.domain.events.evidence import (
    Attempt,
    AttemptRecorded,
    ChecklistItem,
    ChecklistUpdated,
    Gate,
    GateRecorded,
    GithubEvent,
    GithubRecorded,
)
from tasktui.domain.events.lifecycle import Log, TaskError, TaskLinked, TaskProgress, TaskStatus, TaskWarning
from tasktui.domain.events.people import ApprovalRequested, InputRequested
from tasktui.domain.events.work import (
    ArtifactAdded,
    ContextCompacted,
    MessageCompleted,
    MessageDelta,
    MessageStarted,
    RuntimeEvent,
    SegmentCompleted,
    SegmentFailed,
    ToolCompleted,
    ToolProgress,
    ToolStarted,
    UsageContext,
    UsageMemory,
    UsageTokens,
)

__all__ = [
    "ApprovalRequested", "ArtifactAdded", "Attempt", "AttemptRecorded", "ChecklistItem", "ChecklistUpdated",
    "ContextCompacted", "Data", "Gate", "GateRecorded", "GithubEvent", "GithubRecorded", "InputRequested",
    "Log", "MessageCompleted", "MessageDelta", "MessageStarted", "RuntimeEvent", "SegmentCompleted",
    "SegmentFailed", "TaskError", "TaskLinked", "TaskProgress", "TaskStatus", "TaskWarning", "ToolCompleted",
    "ToolProgress", "ToolStarted", "UsageContext", "UsageMemory", "UsageTokens",
]  # fmt: skip
