"""Task ids: their form, and how a person may shorten them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tasktui.domain.errors import AmbiguousTaskError, NotFoundError

SYSTEM: Final = "@system"
"""The id under which facts about the whole are logged (owner, lanes)."""
_FORM: Final = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_SHOWN: Final = 10


def is_task_id(word: str) -> bool:
    """Whether the word may be a task's id; `.` and `..` may not, for ids name directories."""
    return _FORM.fullmatch(word) is not None and word.strip(".") != ""


def choose(prefix: str, candidates: Sequence[str], *, matches: int | None = None) -> str:
    """Return the one id that the prefix means; an exact match wins.

    Args:
        prefix: what the person typed.
        candidates: ids that start with it, some if there are many.
        matches: how many there are in all, when `candidates` was cut.

    Raises:
        NotFoundError: none fits, or the prefix is empty.
        AmbiguousTaskError: several fit.
    """
    if prefix in candidates:
        return prefix
    if not prefix.strip() or not candidates:
        raise NotFoundError(f"Task not found: {prefix}", id=prefix)
    if len(candidates) > 1:
        raise AmbiguousTaskError(prefix, tuple(candidates[:_SHOWN]), matches=matches or len(candidates))
    return candidates[0]
