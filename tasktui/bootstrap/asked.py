"""What an embedding program asks for in plain words, made into a spec."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, TypedDict

from pydantic import ValidationError

from tasktui.domain.errors import InvalidError
from tasktui.domain.spec import TaskSpec
from tasktui.jobs import defaults_of


class Options(TypedDict, total=False):
    """How a task is to be queued, limited and watched: fields of `TaskSpec`."""

    name: str
    cwd: str | Path
    worktree: bool
    container: Mapping[str, object]
    lane: str
    priority: int
    tags: Sequence[str]
    watch: Sequence[str]
    timeout_s: float
    idle_timeout_s: float
    queue_timeout_s: float
    retries: int
    held: bool
    depends_on: Sequence[str]
    on_parent_failure: Literal["fail", "hold"]
    not_before: datetime
    every: str
    on_missed: Literal["skip", "one"]
    on_restart: Literal["reattach", "interrupt", "requeue"]
    exclusive_key: str
    on_conflict: Literal["raise", "queue", "return", "cancel"]
    on_full: Literal["queue", "reject"]
    idempotency_key: str
    client_id: str
    request_id: str
    session_id: str
    conversation_id: str
    agent_id: str
    owner: str
    env_remove: Sequence[str]
    metadata: Mapping[str, object]
    logging_context: Mapping[str, object]


class Asked(Options, total=False):
    """One kind of work in plain words, and the options."""

    argv: Sequence[str]
    """A program and its arguments."""
    command: str
    """A line for `sh -c`."""
    function: str | Callable[..., object]
    """A function for a process of its own: `module:function`, or the function itself."""
    arguments: Mapping[str, object]
    """What the function is called with; JSON."""
    prompt: str
    """For an agent; `agent` names which."""
    agent: str
    executor: str
    """The name of an executor that was given to `TaskManager.open`."""
    payload: Mapping[str, object]
    """What that executor gets."""
    fail_on_segment_error: bool


_WORK: Final = {
    "argv": ("shell", {"argv": "argv"}),
    "command": ("shell", {"command": "command"}),
    "function": ("python", {"arguments": "arguments", "fail_on_segment_error": "fail_on_segment_error"}),
    "prompt": ("agent", {"prompt": "prompt", "agent": "preset"}),
    "executor": ("custom", {"executor": "executor", "payload": "payload"}),
}
"""By the word that says what is to be done: the kind of work, and its fields by the words for them."""


def spec_of(asked: Mapping[str, Any]) -> tuple[TaskSpec, dict[str, str]]:
    """Return the spec, and the environment that it is to have.

    Raises:
        InvalidError: the words say nothing, too much, or something that cannot be.
    """
    given = dict(asked)
    env = dict(os.environ)
    named = [word for word in _WORK if word in given]
    if len(named) != 1:
        unknown = ", ".join(word for word in given if word not in Asked.__annotations__)
        said = ", ".join(named) or (f"none, but {unknown}, which is unknown" if unknown else "none")
        raise InvalidError(f"Say one of {', '.join(_WORK)}; said were: {said}.")
    if callable(function := given.get("function")):
        marked = defaults_of(function)
        strict = {"fail_on_segment_error": marked.fail_on_segment_error}
        given = {**marked.options, **strict, **given, "function": reference(function)}
        make_findable(function, env)
    kind, fields = _WORK[named[0]]
    work: dict[str, Any] = {field: given.pop(word) for word, field in fields.items() if word in given}
    if kind == "python":
        work |= {"function": given.pop("function"), "python": sys.executable}
    return validated({"kind": kind, **work}, given), env


def validated(work: Mapping[str, Any], options: Mapping[str, Any]) -> TaskSpec:
    """Return the spec of a work with its options.

    Raises:
        InvalidError: a field is unknown or wrong.
    """
    rest = {**options, "cwd": str(Path(options.get("cwd") or ".").absolute())}
    try:
        return TaskSpec.model_validate({"work": dict(work), **rest})
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from exc


def reference(function: Callable[..., object]) -> str:
    """Return the name by which another process finds a function.

    Raises:
        InvalidError: it has none.
    """
    name = getattr(function, "__qualname__", "")
    if not name or "<" in name:
        sentence = f"No other process finds {name or function!r} by a name: give it to submit_callable."
        raise InvalidError(sentence)
    return f"{_module(function.__module__)}:{name}"


def _module(name: str) -> str:
    main = sys.modules["__main__"]
    if name != "__main__":
        return name
    if main.__spec__ is not None:
        return main.__spec__.name
    if (file := getattr(main, "__file__", None)) is None:
        raise InvalidError("A function that was typed in belongs to no file: give it to submit_callable.")
    return Path(file).stem


def make_findable(function: Callable[..., object], env: dict[str, str]) -> None:
    """Put the directory from which a function's module was imported on the path of its process."""
    file = getattr(sys.modules.get(function.__module__), "__file__", None)
    if file is None:
        return
    path = Path(file).absolute()
    depth = _module(function.__module__).count(".") + (path.name == "__init__.py")
    known = [word for word in env.get("PYTHONPATH", "").split(os.pathsep) if word]
    env["PYTHONPATH"] = os.pathsep.join([*known, str(path.parents[depth])])
