"""Files that a client of system 000 sends before the request or message that names them."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import Final

from tasktui.compat.chronicle import task_id_of
from tasktui.compat.reading import all_rows
from tasktui.compat.soul.finding import LIVE, OURS
from tasktui.compat.soul.tasks import Request
from tasktui.domain.attachments import DIRECTORY, LARGEST
from tasktui.domain.errors import InvalidError
from tasktui.domain.ports.manager import Manager
from tasktui.domain.query import TaskQuery, Term

LONGEST_BODY: Final = LARGEST + 65_536


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a form."""

    thread_id: str
    filename: str
    content_type: str
    data: bytes


def read_form(content_type: str, body: bytes) -> Upload:
    """Read `multipart/form-data` with the fields `file` and `thread_id`.

    Raises:
        InvalidError: it is something else, or one of the two is missing.
    """
    head = Message()
    head["content-type"] = content_type
    boundary = head.get_param("boundary")
    if head.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise InvalidError("An attachment comes as multipart/form-data with the fields file and thread_id.")
    fields: dict[str, tuple[Message, bytes]] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:-1]:
        headers, _, data = part.partition(b"\r\n\r\n")
        read = HeaderParser().parsestr(headers.decode("utf-8", "replace").lstrip())
        fields[str(read.get_param("name", header="content-disposition"))] = read, data
    if "file" not in fields or "thread_id" not in fields:
        raise InvalidError("The fields file and thread_id are needed.")
    file, data = fields["file"]
    thread = fields["thread_id"][1].decode("utf-8", "replace").strip()
    return Upload(thread, file.get_filename() or "file", file.get_content_type(), data)


async def keep(manager: Manager, upload: Upload) -> Path:
    """Keep a file with the task that runs in its thread, else with the next one of it; return its path.

    Raises:
        InvalidError: it is too large, or its name is one that is not taken.
        CapacityError: there are too many.
    """
    terms = (Term("request", "is", (upload.thread_id,)), OURS, LIVE)
    live = await all_rows(manager, TaskQuery(terms=terms), most=1)
    task_id = live[0].id if live else await _next_id(manager, upload.thread_id)
    return Path(await manager.attach(task_id, upload.filename, upload.data))


async def kept_with(manager: Manager, request: Request) -> str | None:
    """Return the id under which files that a request names were kept for it; None when none were."""
    if not request.attachment_paths:
        return None
    coming = await _next_id(manager, request.request_id)
    homes = [Path(path).parent for path in request.attachment_paths]
    return coming if any(home.parts[-2:] == (coming, DIRECTORY) for home in homes) else None


async def _next_id(manager: Manager, thread_id: str) -> str:
    """Return the id that the next task of a thread has when files were sent for it.

    It follows from the newest one there is, so that deleting older ones between the two changes nothing.
    """
    terms = (Term("request", "is", (thread_id,)), OURS)
    newest = await all_rows(manager, TaskQuery(terms=terms), most=1)
    return task_id_of("soul", thread_id, *(row.id for row in newest))
