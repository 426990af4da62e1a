"""`@job`: how a function is to run when it is submitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar, overload

Function = TypeVar("Function", bound=Callable[..., Any])

DEFAULTS: Final = "__tasktui_job__"
"""The attribute of a function that `@job` sets."""


@dataclass(frozen=True)
class JobDefaults:
    """What `@job` asked for; a submission may say otherwise."""

    options: Mapping[str, Any]
    """Fields of the task's spec."""
    fail_on_segment_error: bool = False


@overload
def job(function: Function) -> Function: ...
@overload
def job(*, fail_on_segment_error: bool = False, **options: Any) -> Callable[[Function], Function]: ...
def job(
    function: Function | None = None, *, fail_on_segment_error: bool = False, **options: Any
) -> Function | Callable[[Function], Function]:
    """Say how a function is to run when it is submitted; it stays a plain function.

    Args:
        function: the function, where the decorator stands without brackets.
        fail_on_segment_error: whether a failed segment fails the task rather than being counted.
        options: fields of the task's spec: name, lane, priority, tags, timeout_s, retries and so on.
    """

    def mark(marked: Function) -> Function:
        setattr(marked, DEFAULTS, JobDefaults(options, fail_on_segment_error))
        return marked

    return mark if function is None else mark(function)


def defaults_of(function: Callable[..., Any]) -> JobDefaults:
    """Return what `@job` asked for."""
    found = getattr(function, DEFAULTS, None)
    return found if isinstance(found, JobDefaults) else JobDefaults({})
