"""Evidence that an outside tool records about a task, in the shape of system 004's `task_updates`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasktui.domain.artifact_names import identity
from tasktui.domain.errors import InvalidError, StateError
from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskWarning
from tasktui.domain.events.registry import parse_object
from tasktui.domain.ports.store import Conflict
from tasktui.manager.spill import Spill

if TYPE_CHECKING:
    from tasktui.domain.requests import Metadata, TaskDetail
    from tasktui.manager.core import Core


async def record_metadata(core: Core, prefix: str, updates: Metadata) -> TaskDetail:
    """Record evidence, also after the end: each part is checked before any is stored.

    A part that is wrong becomes a warning in the timeline, and the others are stored.

    Raises:
        InvalidError: nothing in it is right.
    """
    row = await core.row(prefix)
    good: list[Data] = []
    bad: list[str] = []
    for event_type, record in _parts(core, updates):
        try:
            good.append(parse_object(event_type, record))
        except InvalidError as exc:
            bad.append(exc.message)
    for artifact in updates.artifacts:
        try:
            good.append(await _artifact(core, row.id, artifact))
        except InvalidError as exc:
            bad.append(exc.message)
    if not good:
        raise InvalidError("; ".join(bad) or f"There is nothing to record: {row.id}", id=row.id)
    warnings = (TaskWarning(message=f"not recorded: {text}", code="BAD_METADATA") for text in bad)
    return await stored(core, row.id, *good, *warnings)


async def stored(core: Core, task_id: str, *facts: Data) -> TaskDetail:
    """Store facts about a task and return it with them.

    Raises:
        StateError: it was deleted.
    """
    async with core.recording:
        return await kept(core, task_id, *facts)


async def kept(core: Core, task_id: str, *facts: Data) -> TaskDetail:
    """As `stored`, for one who holds `Core.recording`."""
    done = await core.record(await core.row(task_id), *facts)
    detail = await core.store.detail(task_id)
    if isinstance(done, Conflict) or detail is None:
        raise StateError(f"The task was deleted meanwhile: {task_id}", id=task_id)
    return detail


def _parts(core: Core, updates: Metadata) -> list[tuple[str, object]]:
    now = core.clock.now()
    parts: list[tuple[str, object]] = []
    if updates.checklist is not None:
        parts.append(("checklist.updated", updates.checklist))
    for event_type, field, record in (
        ("gate.recorded", "gate", updates.gate),
        ("attempt.recorded", "attempt", updates.attempt),
        ("github.recorded", "event", updates.github_event),
    ):
        if record is not None:
            named = {"id": core.ids.other(f"{field}_"), "recorded_at": now} | record
            parts.append((event_type, {field: named}))
    return parts


async def _artifact(core: Core, task_id: str, record: dict[str, object]) -> Data:
    """Return the fact of an artifact: its content is written to a file, a path is only noted."""
    content = record.get("content")
    if isinstance(content, str):
        label = str(record.get("label") or "artifact")
        return await Spill(core.artifacts, core.limits, task_id).write(label, content, role="user")
    path = record.get("path")
    if not isinstance(path, str) or not path:
        raise InvalidError("artifact.added: path: it needs a path or a content")
    named = {"artifact_id": identity(None, path), "label": path.rpartition("/")[2], "source": "user"}
    return parse_object("artifact.added", named | record)
