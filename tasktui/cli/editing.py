"""Changing what a task is asked to do: by options, or as JSON in the person's editor."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, TypeAlias

import click

from tasktui.cli.printing import tell
from tasktui.cli.reading import one_task
from tasktui.cli.session import Session
from tasktui.domain.errors import InvalidError, NotFoundError
from tasktui.domain.wire import decode

Spec: TypeAlias = dict[str, Any]


def spec_of(session: Session, task_id: str) -> Spec:
    """Return what a task was asked to do, as JSON without its defaults.

    Raises:
        NotFoundError: it was deleted.
    """
    with one_task(session, task_id) as (reader, exact):
        detail = reader.detail(exact)
    if detail is None:
        raise NotFoundError(f"The task was deleted: {task_id}", id=task_id)
    return decode(detail.spec)


def edited(spec: Spec, send: Callable[[Spec], dict[str, Any]]) -> dict[str, Any]:
    """Let the person edit a spec until it is taken or given up, and return the owner's answer.

    Raises:
        InvalidError: nothing was changed, or what was written is wrong and nobody is there to correct it.
    """
    first = text = json.dumps(spec, indent=2, ensure_ascii=False) + "\n"
    while True:
        written = click.edit(text, extension=".json")
        if written is None or not written.strip() or written == first:
            raise InvalidError("Nothing was changed, so nothing was done. Save the file with a change.")
        text = written
        try:
            return send(decode(text))
        except InvalidError as exc:
            if not sys.stdin.isatty():
                raise
            tell(exc.message)
            if not click.confirm("Edit again?", default=True, err=True):
                raise
