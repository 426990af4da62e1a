"""`python -m tests.packaging.walls`: every wall over every file of the project."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tests.packaging.walls import sizes, widgets, words
from tests.packaging.walls.finding import ROOT, Finding, project_files, read_text

THEMES = "tasktui/ui/themes.py"
MADE = "bench/RESULTS.md"
"""Written by `make bench`, so it may be pointed at before it is there."""


def findings(root: Path) -> Iterator[Finding]:
    """What every wall finds under `root`."""
    texts = {path: text for path in project_files(root) if (text := read_text(root / path)) is not None}
    names = {PurePosixPath(path).name for path in (*texts, MADE)}
    for path, text in texts.items():
        yield from words.misplaced(path)
        yield from words.private(path, text)
        yield from words.dangling(path, text, names)
        if path.endswith(".py"):
            yield from words.silenced(path, text)
        if path.startswith("tasktui/") and path.endswith(".py"):
            yield from _product(path, text)
        if path.endswith(".tcss"):
            yield from words.style_colours(path, text)
    yield from widgets.unsafe({path: text for path, text in texts.items() if _draws(path)})


def _product(path: str, text: str) -> Iterator[Finding]:
    yield from sizes.too_long(path, text)
    yield from words.unfinished(path, text)
    if path != THEMES:
        yield from words.python_colours(path, text)


def _draws(path: str) -> bool:
    return path.startswith("tasktui/ui/") and path.endswith(".py")


def main() -> int:
    """Print the findings; 1 when there are any."""
    found = sorted(set(findings(ROOT)))
    sys.stderr.writelines(f"{finding}\n" for finding in found)
    sys.stdout.write(f"walls: {len(found)} finding(s)\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
