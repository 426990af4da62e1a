"""Files of the working directory, and of nowhere else: read by lines, listed, replaced whole."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

LARGEST: Final = 4 << 20
"""Bytes of a file that is read or changed."""
ANSWER: Final = 64 << 10
"""Characters that the model is given of one."""
MANY: Final = 500
"""Names of a listing."""


class WrongFileError(Exception):
    """What was asked for cannot be done; the words are for the model."""


class Files:
    """The tree below one directory."""

    def __init__(self, root: str) -> None:
        self._root = Path(root).resolve()

    def known(self, path: str) -> tuple[Path, str | None]:
        """Return where a file lies and what stands in it; None when there is none yet.

        Raises:
            WrongFileError: it lies elsewhere, or is no text.
        """
        place = self._inside(path)
        return place, self._text(place) if place.exists() else None

    def read(self, path: str, first_line: int, lines: int) -> str:
        """Return lines of a file.

        Raises:
            WrongFileError: there is none, it lies elsewhere, or is no text.
        """
        place, text = self.known(path)
        if text is None:
            raise WrongFileError(f"There is no file {place.name}.")
        first = max(1, first_line) - 1
        all_lines = text.splitlines(keepends=True)
        shown = "".join(islice(all_lines, first, first + max(1, lines)))[:ANSWER]
        left = len(all_lines) - first - shown.count("\n")
        return f"{shown}\n… {left} more lines" if left > 0 and len(shown) < len(text) else shown

    def listed(self, path: str, pattern: str) -> list[str]:
        """Return the names that fit, relative to the root.

        Raises:
            WrongFileError: there is no such directory here.
        """
        place = self._inside(path)
        if not place.is_dir():
            raise WrongFileError(f"There is no directory {path}.")
        if not pattern or pattern.startswith("/"):
            raise WrongFileError(f"This is no pattern for names below a directory: {pattern}")
        try:
            found = [*islice(self._matching(place, pattern), MANY + 1)]
        except ValueError as exc:
            raise WrongFileError(f"The pattern is wrong: {exc}") from exc
        return [*sorted(found[:MANY]), *(["… and more"] if len(found) > MANY else [])]

    def replace(self, place: Path, before: str | None, after: str) -> None:
        """Write a file in the place of what was shown.

        Raises:
            WrongFileError: something else stands there meanwhile.
        """
        if self.known(str(place))[1] != before:
            raise WrongFileError("The file was changed meanwhile: read it again.")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(after, encoding="utf-8", newline="")

    def _matching(self, place: Path, pattern: str) -> Iterator[str]:
        if ".." in Path(pattern).parts:
            raise WrongFileError(f"{pattern} leads out of where it begins: name another directory instead.")
        for found in place.glob(pattern):
            if found.resolve().is_relative_to(self._root):
                slash = "/" if found.is_dir() else ""
                yield f"{found.relative_to(self._root)}{slash}"

    def _inside(self, path: str) -> Path:
        try:
            place = (self._root / path).resolve()
        except (OSError, ValueError, RuntimeError) as exc:
            raise WrongFileError(f"This is no path: {path}") from exc
        if not place.is_relative_to(self._root):
            raise WrongFileError(f"{path} lies outside of the working directory.")
        return place

    def _text(self, place: Path) -> str:
        fd = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as file:
            about = os.fstat(fd)
            if not stat.S_ISREG(about.st_mode):
                raise WrongFileError(f"{place.name} is no file.")
            if about.st_size > LARGEST:
                raise WrongFileError(f"{place.name} is too large: {about.st_size:,} bytes.")
            try:
                return file.read(LARGEST + 1).decode("utf-8")
            except UnicodeDecodeError as exc:
                raise WrongFileError(f"{place.name} is no text.") from exc
