"""Checks of what tasks left: processes without a task, supervisors that no task knows of."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from tasktui.cli.checks.finding import Finding
from tasktui.cli.reading import stored
from tasktui.cli.session import Session
from tasktui.domain.errors import TasktuiError
from tasktui.executors.run_files import RunHead, is_locked, read_head
from tasktui.executors.sweep import list_marked


def look(session: Session) -> Iterator[Finding]:
    """Yield what was found."""
    # in this order: what begins meanwhile is no leftover, and what ends is not there any more
    marked = list_marked()
    heads = _running(session.home)
    yield _orphans(session.home, marked, heads)
    yield from _strangers(session, heads)


def _running(home: Path) -> list[RunHead]:
    """Return the runs whose supervisor lives."""
    tasks = home / "tasks"
    directories = tasks.iterdir() if tasks.is_dir() else ()
    heads = (read_head(directory) for directory in directories if is_locked(directory))
    return [head for head in heads if head is not None]


def _orphans(home: Path, marked: dict[int, str], heads: list[RunHead]) -> Finding:
    """Find processes of our tasks whose supervisor is gone."""
    running = {head.mark for head in heads}
    left = [pid for pid, mark in marked.items() if mark not in running and _is_ours(pid, home)]
    if left:
        pids = " ".join(map(str, sorted(left)))
        return Finding(
            "warn", "leftovers", f"Processes of tasks that have ended: {pids}.", f"End them with: kill {pids}"
        )
    return Finding("ok", "leftovers", f"none; {len(heads)} tasks run")


def _strangers(session: Session, heads: list[RunHead]) -> Iterator[Finding]:
    """Find supervisors of which the database knows nothing, or says that they have ended."""
    try:
        with stored(session) as reader:
            rows = {head.id: reader.row(head.id) if reader else None for head in heads}
    except TasktuiError:
        # what is wrong with the database stands elsewhere
        return
    for head in heads:
        row = rows[head.id]
        if row is None or row.finished_at is not None:
            known = "no such task is stored" if row is None else f"the task is {row.status}"
            yield Finding(
                "warn", "leftovers", f"Process {head.shim} supervises {head.id}, but {known}.",
                f"End it with: kill {head.shim}. It ends what it started.",
            )  # fmt: skip


def _is_ours(pid: int, home: Path) -> bool:
    try:
        return os.fsencode(f"TASKTUI_HOME={home}") in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
