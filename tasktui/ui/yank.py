"""What can be copied of a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tasktui.domain.clean import decode
from tasktui.ui.dialogs import Choice
from tasktui.ui.messages import CopyRequested

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.rows import TaskRow

MOST_BYTES: Final = 48_000
"""Of output; terminals take about 74,000 characters of base64 at once."""

CHOICES: Final = (
    Choice("id", "Id"),
    Choice("title", "Title"),
    Choice("command", "Command or prompt"),
    Choice("path", "Directory"),
    Choice("output", "Output", "the end of it"),
)


async def copied(what: str, row: TaskRow, manager: Manager) -> CopyRequested:
    """Return the text that a choice means."""
    if what == "id":
        return CopyRequested(row.id, "the id")
    if what == "title":
        return CopyRequested(row.title, "the title")
    if what == "output":
        chunk = await manager.output(row.id, offset=-MOST_BYTES, limit=MOST_BYTES)
        return CopyRequested(decode(chunk.data), f"{len(chunk.data):,} bytes of output")
    from tasktui.domain.spec import AgentWork, RemoteWork

    spec = (await manager.get(row.id)).spec
    if what == "path":
        return CopyRequested(spec.cwd or "", "the directory")
    asked = spec.work.prompt if isinstance(spec.work, AgentWork | RemoteWork) else spec.work.headline()
    return CopyRequested(asked, "what was asked")
