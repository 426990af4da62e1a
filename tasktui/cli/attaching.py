"""Files that go with a task or a message: handed to the owner, who keeps them with the task."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from tasktui.cli.acting import ask
from tasktui.cli.session import Session
from tasktui.domain.attachments import LARGEST
from tasktui.domain.errors import InvalidError

F = TypeVar("F", bound=Callable[..., Any])


def attach_option(command: F) -> F:
    """Add `--attach`."""
    return click.option(
        "--attach", type=click.Path(exists=True, dir_okay=False, path_type=Path), multiple=True,
        help="A file to go with it, at most 8 MiB; may be repeated.",
    )(command)  # fmt: skip


def attach(session: Session, task_id: str, files: Iterable[Path]) -> list[str]:
    """Hand files over; return where they lie now.

    Args:
        session: of this call.
        task_id: exact id of the task that they go with, which may not have been submitted yet.
        files: where they lie here.

    Raises:
        InvalidError: one cannot be read, or is not taken.
    """
    return [_attach(session, task_id, file) for file in files]


def _attach(session: Session, task_id: str, file: Path) -> str:
    try:
        with file.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as exc:
        raise InvalidError(f"This file cannot be read: {file}: {exc.strerror}") from exc
    if len(data) > LARGEST:
        raise InvalidError(f"An attachment has at most {LARGEST >> 20} MiB: {file}")
    body = {"task_id": task_id, "name": file.name, "data": b64encode(data).decode()}
    return str(ask(session, "POST", "/v1/attachments", body)["path"])
