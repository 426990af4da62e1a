"""Which files of a watched directory are wanted, by the patterns of the settings."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable

Wanted = Callable[[bytes], bool]


def wanted(globs: Iterable[str]) -> Wanted:
    """Return what tells whether a path below a watched directory is wanted; without patterns all are.

    `*` and `?` stay within a name. A pattern without `/` fits the name at any depth; in one with `/` a `**`
    stands for any number of directories: `*.xml`, `reports/*.html`, `out/**/log.txt`.
    """
    patterns = tuple(map(_compiled, globs))
    return lambda path: not patterns or any(one.fullmatch(os.fsdecode(path)) for one in patterns)


def _compiled(glob: str) -> re.Pattern[str]:
    *above, name = (glob if "/" in glob else f"**/{glob}").strip("/").split("/")
    directories = "".join("(?:[^/]+/)*" if part == "**" else f"{_within(part)}/" for part in above)
    return re.compile(directories + ("(?s:.+)" if name == "**" else _within(name)))


def _within(part: str) -> str:
    return "".join({"*": "[^/]*", "?": "[^/]"}.get(char, re.escape(char)) for char in part)
