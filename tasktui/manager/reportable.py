"""What an executor may report about a run, and which of it the manager treats in a way of its own."""

from __future__ import annotations

from typing import Final

from tasktui.domain.events.lifecycle import TaskLinked, TaskProgress
from tasktui.domain.events.people import ApprovalExpired, ApprovalRequested, InputExpired, InputRequested
from tasktui.domain.events.registry import REPORTABLE
from tasktui.domain.events.work import (
    MessageCompleted,
    MessageDelta,
    MessageStarted,
    OutputChunk,
    SegmentFailed,
    ToolCompleted,
    ToolProgress,
    ToolStarted,
    UsageContext,
    UsageTokens,
)

ALLOWED: Final = REPORTABLE | {
    "output.chunk", "output.truncated", "artifact.changed", "artifact.removed", "input.expired",
    "approval.expired",
}  # fmt: skip
"""Types that an executor or a watcher may report."""
SIGNS_OF_WORK: Final = frozenset({
    MessageStarted, MessageDelta, MessageCompleted, ToolStarted, ToolProgress, ToolCompleted,
    OutputChunk, TaskProgress,
})  # fmt: skip
"""What the idle deadline counts as work; a heartbeat is none."""
NORMALISED: Final = frozenset({
    ToolStarted, ToolCompleted, InputRequested, ApprovalRequested, InputExpired, ApprovalExpired,
    SegmentFailed, TaskLinked,
})  # fmt: skip
"""What is held against what is known of the run before it is stored."""
LAST_VALUES: Final = (TaskProgress, UsageTokens, UsageContext)
"""Transient types of which only the newest value matters."""
