"""How much room the files of tasks take, looked up a few directories at a time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final

PLACES: Final = ("tasks", "artifacts")
AT_ONCE: Final = 200
"""Directories between two rests."""
REST_S: Final = 0.05
"""So that what runs goes on meanwhile."""


async def sizes(home: Path) -> dict[str, int]:
    """Return the bytes of the files of each task, by its id."""
    found: dict[str, int] = {}
    for place in PLACES:
        names = iter(await asyncio.to_thread(_names, home / place))
        while some := list(islice(names, AT_ONCE)):
            for name, size in await asyncio.to_thread(_measured, home / place, some):
                found[name] = found.get(name, 0) + size
            await asyncio.sleep(REST_S)
    return found


def _names(directory: Path) -> list[str]:
    with suppress(OSError):
        return [path.name for path in directory.iterdir()]
    return []


def _measured(directory: Path, names: Iterable[str]) -> list[tuple[str, int]]:
    return [(name, _size(str(directory / name))) for name in names]


def _size(directory: str) -> int:
    """Return the bytes of the regular files below; what is gone meanwhile has none."""
    total = 0
    with suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    total += _size(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    total += entry.stat(follow_symlinks=False).st_size
    return total
