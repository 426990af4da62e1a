"""What the files of a data directory hold, also while somebody works in it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def contents(folder: Path) -> dict[Path, bytes]:
    """Return what each file below holds; one that vanishes under our eyes holds nothing."""
    found: dict[Path, bytes] = {}
    for file in folder.rglob("*"):
        if file.is_file():
            with suppress(FileNotFoundError):
                found[file] = file.read_bytes()
    return found


def files_with(folder: Path, words: bytes) -> list[Path]:
    """Return the files below that hold the words."""
    return [file for file, held in contents(folder).items() if words in held]
