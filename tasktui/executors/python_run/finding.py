"""From `package.module:function` to the function, or to a sentence that says what is missing."""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


class NotThereError(Exception):
    """There is no such module or function."""


def find(name: str) -> Callable[..., Any]:
    """Import the module and return the function.

    Raises:
        NotThereError: the module or the function is not there, or it is no function.
        BaseException: whatever the import of the module raises.
    """
    module_name, _, path = name.partition(":")
    found: Any = _module(module_name)
    for part in path.split("."):
        if not hasattr(found, part):
            raise NotThereError(_no_function(module_name, found, part))
        found = getattr(found, part)
    if not callable(found):
        raise NotThereError(f"{path} is no function but {type(found).__name__}.")
    function: Callable[..., Any] = found
    return function


def _module(name: str) -> object:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as exc:
        # what the module itself imports may be missing too: that is its own failure, with a traceback
        if exc.name is None or not f"{name}.".startswith(f"{exc.name}."):
            raise
        places = f"It was looked for in {Path.cwd()} and on the path of {sys.executable}."
        raise NotThereError(f"There is no module {exc.name}. {places}") from exc


def _no_function(module: str, holder: object, name: str) -> str:
    known = [word for word in dir(holder) if not word.startswith("_") and callable(getattr(holder, word))]
    near = difflib.get_close_matches(name, known, n=1)
    return f"{module} has no function {name}." + (f" Did you mean {near[0]}?" if near else "")
