"""Clears up what submits left that died before their commit: directories of tasks that never were."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tasktui.domain.attachments import DIRECTORY
from tasktui.domain.errors import TasktuiError
from tasktui.domain.ids import is_task_id
from tasktui.manager.surroundings import ENV, SPEC

if TYPE_CHECKING:
    from tasktui.domain.rows import UnixMs
    from tasktui.manager.core import Core

OLD_MS: Final = 600_000
"""Age below which a directory is left alone, whatever it holds."""
_WRITTEN: Final = frozenset({SPEC, ENV, f".{SPEC}.new", f".{ENV}.new", DIRECTORY})
"""All that a submit writes before its commit; a directory with anything else belonged to a task that ran."""
_GONE: Final = "~gone-"
"""What is being deleted; no id of a task begins so."""
_AT_ONCE: Final = 500

log = logging.getLogger(__name__)


async def sweep(core: Core) -> int:
    """Delete directories that only a submit wrote to, of tasks that nobody knows; return how many."""
    gone = 0
    suspects = await asyncio.to_thread(
        lambda: list(_suspects(core.home / "tasks", core.clock.now() - OLD_MS))
    )
    remaining = iter(suspects)
    while some := list(islice(remaining, _AT_ONCE)):
        gone += await _delete_unknown(core, some)
    if gone:
        log.info("directories of %d tasks were deleted that had never been submitted", gone)
    return gone


async def sweep_quietly(core: Core) -> None:
    """As `sweep`; what cannot be cleared up now is left to the next owner."""
    try:
        await sweep(core)
    except (OSError, TasktuiError) as exc:
        log.warning("what submits left was not cleared up: %s", exc)


async def _delete_unknown(core: Core, directories: Sequence[Path]) -> int:
    known = {row.id for row in await core.store.rows_of([directory.name for directory in directories])}
    gone = 0
    for directory in directories:
        # the others' files took their time: what was submitted since then is looked up again
        if directory.name in known or await core.store.row(directory.name) is not None:
            continue
        if any(directory.name in one for one in (core.submitting, core.specs, core.runs)):
            continue
        # from here to the rename nothing else runs, so that no submit can begin to use it
        aside = directory.with_name(_GONE + directory.name)
        try:
            directory.rename(aside)
        except FileNotFoundError:
            continue
        await asyncio.to_thread(shutil.rmtree, aside, ignore_errors=True)
        gone += 1
    return gone


def _suspects(tasks: Path, before: UnixMs) -> Iterator[Path]:
    """Yield what looks as a submit leaves it; most directories are told by one look at their output."""
    with suppress(FileNotFoundError):
        for directory in tasks.iterdir():
            if directory.name.startswith(_GONE):
                shutil.rmtree(directory, ignore_errors=True)
            elif (
                is_task_id(directory.name)
                and not (directory / "run.json").exists()
                and _is_left(directory, before)
            ):
                yield directory


def _is_left(directory: Path, before: UnixMs) -> bool:
    with suppress(OSError):
        names = {file.name for file in directory.iterdir()}
        return names <= _WRITTEN and directory.stat().st_mtime * 1000 < before and _is_sound(directory / SPEC)
    return False


def _is_sound(spec: Path) -> bool:
    """Whether a spec is whole or not there: one that cannot be read is left for a person to look at."""
    try:
        return isinstance(json.loads(spec.read_bytes()), dict)
    except FileNotFoundError:
        return True
    except ValueError:
        return False
