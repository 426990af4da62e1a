"""Calling a job's function: with its context where it takes one, on a loop where it is async."""

from __future__ import annotations

import inspect
import json
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tasktui.jobs import JobContext

CONTEXT = "ctx"
"""The parameter that gets the context, unless one is annotated with `JobContext`."""
_STDLIB = Path(json.__file__).parents[1]
_CALLERS = (
    f"{Path(__file__).parent}/",
    *(f"{_STDLIB}/{package}/" for package in ("asyncio", "concurrent", "importlib")),
    "<frozen importlib",
)
"""Where the frames above the user's function come from."""


class UnfitError(Exception):
    """The function cannot be called as asked."""


def bound(
    function: Callable[..., Any], ctx: JobContext, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Callable[[], Any]:
    """Return the call, ready to be made.

    Raises:
        UnfitError: the function does not take these arguments.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return lambda: function(*args, **kwargs)
    given = dict(kwargs)
    name = _context_parameter(signature)
    try:
        if name is None or name in given:
            call = signature.bind(*args, **given)
        elif signature.parameters[name].kind is inspect.Parameter.POSITIONAL_ONLY:
            call = signature.bind(ctx, *args, **given)
        else:
            call = _with_context(signature, name, ctx, args, given)
    except TypeError as exc:
        raise UnfitError(f"It does not take these arguments: {exc}.") from exc
    return lambda: function(*call.args, **call.kwargs)


def _with_context(
    signature: inspect.Signature, name: str, ctx: JobContext, args: tuple[Any, ...], given: dict[str, Any]
) -> inspect.BoundArguments:
    """Bind so that positional arguments pass over the context, wherever it stands."""
    position = list(signature.parameters).index(name)
    if signature.parameters[name].kind is inspect.Parameter.KEYWORD_ONLY or len(args) < position:
        return signature.bind(*args, **given, **{name: ctx})
    return signature.bind(*args[:position], ctx, *args[position:], **given)


def _context_parameter(signature: inspect.Signature) -> str | None:
    for name, parameter in signature.parameters.items():
        hint = parameter.annotation
        word = hint if isinstance(hint, str) else getattr(hint, "__name__", "")
        if name == CONTEXT or word.rpartition(".")[2] == JobContext.__name__:
            return name
    return None


def result_text(value: object) -> str | None:
    """Return what a function returned as text: a string as it is, anything else as JSON."""
    if value is None or isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError):
        return repr(value)


def error_line(error: BaseException) -> str:
    """Return an exception as one line."""
    said = str(error).strip()
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def own_traceback(error: BaseException) -> str:
    """Return the traceback from the first frame on that is the user's."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_CALLERS):
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace or error.__traceback__))
