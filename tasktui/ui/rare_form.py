"""What few people say of a task, as it is typed: when it begins, how long it waits, what else decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from tasktui.domain.durations import parse_duration
from tasktui.domain.moments import parse_moment

if TYPE_CHECKING:
    from tasktui.domain.spec import TaskSpec
    from tasktui.ui.task_form import Draft, FieldName

USUAL: Final = {"parents": "fail", "conflict": "raise", "full": "queue"}
"""What an empty field means."""
_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def typed_rare(spec: TaskSpec) -> dict[str, Any]:
    """Return what one would type to get these of a task."""
    chosen = {"parents": spec.on_parent_failure, "conflict": spec.on_conflict, "full": spec.on_full}
    begin = spec.not_before.astimezone().strftime("%Y-%m-%dT%H:%M") if spec.not_before else ""
    return {
        "begin": begin, "waits": typed_duration(spec.queue_timeout_s),
        **{name: "" if word == USUAL[name] else word for name, word in chosen.items()},
    }  # fmt: skip


def rare_readers(draft: Draft) -> dict[FieldName, Callable[[], Any]]:
    """Return what reads each field; a reader raises ValueError for what it cannot take."""
    return {
        "begin": lambda: parse_moment(draft.begin, datetime.now(UTC)) if draft.begin.strip() else None,
        "waits": lambda: seconds(draft.waits),
        "parents": lambda: draft.parents.strip() or USUAL["parents"],
        "conflict": lambda: draft.conflict.strip() or USUAL["conflict"],
        "full": lambda: draft.full.strip() or USUAL["full"],
    }


def seconds(text: str) -> float | None:
    """Read a length of time; none where nothing is typed.

    Raises:
        ValueError: it is none.
    """
    if not text.strip():
        return None
    try:
        return parse_duration(text) / 1000
    except ValueError as exc:
        raise ValueError("Write 90s, 10m, 1h30m or 2d.") from exc


def typed_duration(length_s: float | None) -> str:
    """Return a length of time as one would type it."""
    if length_s is None:
        return ""
    if length_s != int(length_s):
        return f"{length_s:g}s"
    rest, typed = int(length_s), ""
    for length, unit in _UNITS:
        count, rest = divmod(rest, length)
        typed += f"{count}{unit}" if count else ""
    return typed
