"""Where the API has what belongs to one task."""

from __future__ import annotations

from urllib.parse import quote

from tasktui.domain.errors import NotFoundError


def task_path(task_id: str, verb: str = "") -> str:
    """Return the path of a task.

    Raises:
        NotFoundError: this cannot be the beginning of an id.
    """
    if not task_id.strip(" .") or "/" in task_id:
        raise NotFoundError(f"Task not found: {task_id}", id=task_id)
    return f"/v1/tasks/{quote(task_id, safe='')}{verb}"
