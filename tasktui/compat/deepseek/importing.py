"""Taking in a whole data directory of system 004, record by record."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from tasktui.compat.chronicle import Unreadable
from tasktui.compat.deepseek.history import directory
from tasktui.compat.deepseek.records import TaskRecord
from tasktui.domain.errors import InvalidError, TaskConflictError


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a data directory's records."""

    taken: tuple[str, ...]
    """Ids of the tasks that are here now."""
    known: tuple[str, ...]
    """Ids of those that were here already."""
    unreadable: tuple[tuple[str, str], ...]
    """Names of the others, each with why."""


async def import_records(path: Path, take: Callable[[TaskRecord], Awaitable[TaskRecord]]) -> Imported:
    """Give the records of a directory to `take`, one by one.

    Args:
        path: the data directory, or its `tasks`.
        take: imports a record.
    """
    taken, known, unreadable = [], [], []
    records = directory(path)
    while (one := await asyncio.to_thread(next, records, None)) is not None:
        if isinstance(one, Unreadable):
            unreadable.append((one.name, one.why))
            continue
        try:
            taken.append((await take(one)).id)
        except TaskConflictError:
            known.append(one.id)
        except InvalidError as exc:
            unreadable.append((one.id, exc.message))
    return Imported(tuple(taken), tuple(known), tuple(unreadable))
