"""Checks of this process: Python, its packages, the terminal."""

from __future__ import annotations

import importlib.metadata
import locale
import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from typing import Final

from tasktui.cli.checks.finding import Finding

_OLDEST: Final = (3, 11)
_OLDEST_SQLITE: Final = (3, 34)
"""The first that finds any part of a word (FTS5 trigram)."""
_PACKAGES: Final = ("textual", "aiosqlite", "watchfiles", "pydantic", "httpx", "fastapi", "uvicorn", "psutil")
_LEAST: Final = (80, 24)


def look() -> Iterator[Finding]:
    """Yield what was found."""
    version = platform.python_version()
    if sys.version_info >= _OLDEST:
        yield Finding("ok", "python", f"{version} ({sys.executable})")
    else:
        yield Finding(
            "bad", "python", f"{version} is too old.", "Install Python 3.11 or newer, and tasktui with it."
        )
    yield _packages()
    yield _sqlite()
    yield _terminal()
    yield _encoding()


def _packages() -> Finding:
    found, missing = [], []
    for name in ("tasktui", *_PACKAGES):
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("bad", "packages", f"Missing: {', '.join(missing)}.", "Install tasktui again.")
    return Finding("ok", "packages", ", ".join(found))


def _sqlite() -> Finding:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        return Finding(
            "bad",
            "sqlite",
            f"{version} is too old: searching needs 3.34.",
            "Use a Python with a newer SQLite.",
        )
    return Finding("ok", "sqlite", version)


def _terminal() -> Finding:
    term = os.environ.get("TERM", "")
    if not sys.stdout.isatty() or term in {"", "dumb"}:
        return Finding("note", "terminal", "None here: the dashboard would print the list instead.")
    size = shutil.get_terminal_size()
    told = f"{term}, {size.columns}×{size.lines}, {_colors(term)} colours"
    if size.columns < _LEAST[0] or size.lines < _LEAST[1]:
        return Finding(
            "warn",
            "terminal",
            f"{told}: smaller than {_LEAST[0]}×{_LEAST[1]}, much is cut.",
            "Make it larger.",
        )
    return Finding("ok", "terminal", told)


def _colors(term: str) -> str:
    if os.environ.get("NO_COLOR"):
        return "no (NO_COLOR)"
    if os.environ.get("COLORTERM") in {"truecolor", "24bit"}:
        return "16 million"
    return "256" if "256" in term else "16"


def _encoding() -> Finding:
    encoding = locale.getpreferredencoding(do_setlocale=False)
    if encoding.lower().replace("-", "") == "utf8":
        return Finding("ok", "encoding", encoding)
    return Finding(
        "warn",
        "encoding",
        f"{encoding}: signs may come out wrong.",
        "Set LANG to a UTF-8 locale, such as C.UTF-8.",
    )
