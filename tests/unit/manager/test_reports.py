"""What a run may report, and what becomes of too much of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasktui.domain.errors import DiskFullError
from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskFinished, TaskStatus
from tasktui.domain.events.work import (
    ArtifactAdded,
    ArtifactChanged,
    MessageCompleted,
    RuntimeEvent,
    SegmentCompleted,
    ToolCompleted,
    ToolStarted,
    UsageTokens,
)
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.status import Reason, Status
from tasktui.manager.scripted import Gate
from tasktui.manager.scripted_files import MemoryArtifacts
from tests.unit.manager.local_manager import opened, until

LONG = "word " * 20_000
SCRIPTS = {
    "gated": [Gate("go")],
    "finishes itself": [TaskFinished(status=Status.COMPLETED, reason=Reason.COMPLETED)],
    "no outcome": [],
    "large": [
        ToolStarted(call_id="t", name="read"),
        ToolCompleted(call_id="t", output="é" * 700, diff="+" * 1_200),
        ToolCompleted(call_id="t", output="again"),
        MessageCompleted(message_id="m", content=LONG, reasoning="why"),
        SegmentCompleted(segment_id="s", result={"text": LONG}),
        TaskStatus(message="last"),
    ],
    "counts": [
        *(RuntimeEvent(seq=n, event="e") for n in range(5)),
        UsageTokens(input_tokens=1),
        UsageTokens(input_tokens=7, output_tokens=3),
    ],
    "long result": [Outcome(Status.COMPLETED, Reason.COMPLETED, result=LONG)],
}


class FullDisk(MemoryArtifacts):
    async def write(self, task_id: str, label: str, content: bytes, *, role: str) -> Data:
        raise DiskFullError


async def test_a_task_cannot_end_itself_by_a_report(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        task_id = await place.submit("finishes itself")
        await place.manager.wait(task_id)
        types = await place.types(task_id)
        assert types == ["task.created", "task.started", "task.warning", "task.finished"]


@pytest.mark.feature(40, 119, 125, 155)
async def test_what_is_large_becomes_a_file_and_the_order_stays(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        task_id = await place.submit("large")
        await place.manager.wait(task_id)
        assert (await place.types(task_id))[2:] == [
            "tool.started",
            *("artifact.added", "artifact.added", "tool.completed"),
            *("artifact.added", "message.completed"),
            *("artifact.added", "task.warning"),
            "task.status",
            "task.finished",
        ]
        detail = await place.manager.detail(task_id)
        assert sorted(artifact.role for artifact in detail.artifacts) == [
            "message",
            "patch",
            "raw",
            "tool_output",
        ]
        call = detail.tool_calls[0]
        assert call.detail_ref is not None
        assert call.patch_ref is not None
        assert (call.added, call.removed) == (1, 0), "counted before the diff became a file"
        whole = await place.manager.read_artifact(task_id, call.detail_ref)
        assert whole.data.decode() == "é" * 700
        assert all(len(event.data) < 65_536 for event in await place.events(task_id))


async def test_a_file_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        place.manager._core.artifacts = FullDisk()
        task_id = await place.submit("long result")
        row = await place.manager.wait(task_id)
        assert (row.status, row.result_ref, row.warnings) == (Status.COMPLETED, None, 1)
        assert row.result_summary is not None


async def test_last_values_are_kept_and_runtime_events_counted(tmp_path: Path) -> None:
    async with opened(tmp_path, {"counts": [*SCRIPTS["counts"], Gate("go")]}) as place:
        task_id = await place.submit("counts")
        await place.reach(task_id, "task.started")
        place.executor.open_gate("go")
        row = await place.manager.wait(task_id)
        assert (row.tokens_in, row.tokens_out, row.runtime_events) == (7, 3, 5)


async def test_the_watcher_reports_until_the_end(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        task_id = await place.submit("gated")
        await place.reach(task_id, "task.started")
        await until(lambda: task_id in place.artifacts.watched)
        tell = place.artifacts.watched[task_id]
        tell(ArtifactAdded(artifact_id="a", label="a.txt", path="a.txt", role="watched", source="watcher"))
        await place.reach(task_id, "artifact.added")
        tell(ArtifactChanged(artifact_id="a", size=9))
        place.executor.open_gate("go")
        await place.manager.wait(task_id)
        assert (await place.manager.artifacts(task_id)).items[0].size_bytes == 9
        tell(ArtifactChanged(artifact_id="a", size=10))
        assert place.manager._core.late_events == 1
        assert place.artifacts.watched == {}
