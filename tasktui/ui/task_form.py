"""What a person typed about a task, read into a `TaskSpec`, or what is wrong with it, field by field."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Final, Literal, cast

from pydantic import ValidationError

from tasktui.domain.spec import PythonWork, ShellWork, TaskSpec
from tasktui.ui.rare_form import rare_readers, seconds, typed_duration, typed_rare
from tasktui.ui.work_form import agent_problems, read_work, typed_agent, typed_work, words

FieldName = Literal[
    "work", "name", "cwd", "lane", "priority", "timeout", "idle", "retries", "key", "after", "every", "env",
    "tags", "watch", "preset", "approval", "begin", "waits", "parents", "conflict", "full",
]  # fmt: skip

_ONCE: Final = {"idempotency_key": None, "request_id": None, "not_before": None}
"""What belongs to one submission and isn't repeated by another like it."""
_TO_SPEC: Final[Mapping[FieldName, str]] = {
    "timeout": "timeout_s", "idle": "idle_timeout_s", "key": "exclusive_key", "after": "depends_on",
    "env": "env_keys", "begin": "not_before", "waits": "queue_timeout_s", "parents": "on_parent_failure",
    "conflict": "on_conflict", "full": "on_full",
}  # fmt: skip
"""Fields that have another name in the spec."""
_RULES: Final[Mapping[FieldName, str]] = {
    "work": "This cannot be run.",
    "name": "At most 512 characters.",
    "cwd": "Not a path that can be used.",
    "lane": "One word of at most 128 characters.",
    "priority": "From -1000 to 1000.",
    "timeout": "Above 0, at most 365d.",
    "idle": "Above 0, at most 365d.",
    "retries": "From 0 to 100.",
    "key": "One word.",
    "after": "Ids of tasks, with spaces between them.",
    "every": "Write 1h, 1d, or five fields of a crontab.",
    "env": "Write NAME=VALUE, with spaces between them.",
    "tags": "Words of at most 128 characters.",
    "watch": "Not paths that can be used.",
    "begin": "Write 22:30, or 2026-11-21T22:30.",
    "waits": "Above 0, at most 365d.",
    "parents": "fail or hold.",
    "conflict": "raise, queue, return or cancel.",
    "full": "queue or reject.",
    "preset": "Say which agent.",
    "approval": "ask, reads, allow or deny; nothing: what the agent's settings say.",
}
_OF_WORK: Final = frozenset({"shell", "python", "agent", "preset", "model", "mode", "approval"})
"""What the work is read from, beside its text."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The fields as they are typed."""

    work: str = ""
    """A command, a prompt, or a function with its arguments."""
    name: str = ""
    cwd: str = ""
    lane: str = "default"
    priority: str = "0"
    timeout: str = ""
    idle: str = ""
    retries: str = ""
    key: str = ""
    after: str = ""
    every: str = ""
    env: str = ""
    """NAME=VALUE; the values go into the private environment, not into the spec."""
    tags: str = ""
    watch: str = ""
    shell: bool = False
    """Whether the command is a line for `sh -c`."""
    python: bool = False
    """Whether it is a function for a process of its own."""
    agent: bool = False
    """Whether it is a prompt for a coding agent."""
    preset: str = ""
    model: str = ""
    mode: str = ""
    approval: str = ""
    held: bool = False
    begin: str = ""
    """Not before this time."""
    waits: str = ""
    """How long it may wait in the queue."""
    parents: str = ""
    """What becomes of it when one that it comes after does not complete; empty: as usual, as below."""
    conflict: str = ""
    """What happens where its exclusive key is taken."""
    full: str = ""
    """What happens where its lane has no room."""


class DraftError(Exception):
    """A draft cannot be read."""

    def __init__(self, problems: Mapping[FieldName, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = problems
        """A sentence for each field that is wrong."""


def draft_of(spec: TaskSpec) -> Draft:
    """Return what one would type to get this task."""
    return Draft(
        work=typed_work(spec.work),
        name=spec.name or "",
        cwd=spec.cwd or "",
        lane=spec.lane,
        priority=str(spec.priority),
        timeout=typed_duration(spec.timeout_s),
        idle=typed_duration(spec.idle_timeout_s),
        retries=str(spec.retries or ""),
        key=spec.exclusive_key or "",
        after=" ".join(spec.depends_on),
        every=spec.every or "",
        tags=" ".join(spec.tags),
        watch=shlex.join(spec.watch),
        shell=isinstance(spec.work, ShellWork) and spec.work.command is not None,
        python=isinstance(spec.work, PythonWork),
        **typed_agent(spec.work),
        **typed_rare(spec),
    )


def variables(draft: Draft) -> dict[str, str]:
    """Return the variables that were typed.

    Raises:
        ValueError: one is not like NAME=VALUE.
    """
    pairs = [word.partition("=") for word in words(draft.env)]
    wrong = next(("".join(pair) for pair in pairs if not pair[1] or not pair[0].isidentifier()), None)
    if wrong is not None:
        raise ValueError(f"Not like NAME=VALUE: {wrong}")
    return {name: value for name, _, value in pairs}


def directory(typed: str, base: Path) -> Path:
    """Return the absolute directory that a person means; an empty one is `base`.

    Raises:
        RuntimeError: it names the home of somebody who isn't there.
    """
    return base / Path(typed.strip()).expanduser()


def at_home(draft: Draft, home: str) -> Draft:
    """Return a draft with this home in place of `~`; no home: that of this machine, later."""
    typed = draft.cwd.strip()
    return replace(draft, cwd=home + typed[1:]) if home and (typed + "/").startswith("~/") else draft


def read(
    draft: Draft,
    base: Path,
    *,
    like: TaskSpec | None = None,
    shown: Draft | None = None,
    same: bool = False,
) -> TaskSpec:
    """Return the task that a draft asks for.

    Args:
        draft: What stands in the fields.
        base: Where relative paths begin.
        like: The task that the fields were filled from; what no field shows is taken over from it.
        shown: What stood in the fields at first. A field that still says so keeps the value of `like`,
            which may hold what a screen doesn't show.
        same: Whether it is `like` itself that changes, and not another task like it.

    Raises:
        DraftError: some fields are wrong.
    """
    kept = _untouched(draft, shown) if like is not None and shown is not None else frozenset()
    values, problems = _read_fields(draft, base, like, kept)
    if draft.agent:
        problems |= {name: _RULES[name] for name in agent_problems(draft)}
    if problems:
        raise DraftError(problems)
    whole = {**dict(like or ()), **({} if same else _ONCE), **values, "held": draft.held}
    try:
        return TaskSpec.model_validate(whole)
    except ValidationError as exc:
        raise DraftError(_by_field(exc)) from exc


def _untouched(draft: Draft, shown: Draft) -> frozenset[str]:
    same = {field.name for field in fields(Draft) if getattr(draft, field.name) == getattr(shown, field.name)}
    return frozenset(same if same >= _OF_WORK else same - {"work"})


def _read_fields(
    draft: Draft, base: Path, like: TaskSpec | None, kept: frozenset[str]
) -> tuple[dict[str, object], dict[FieldName, str]]:
    readers: dict[FieldName, Callable[[], object]] = {
        "work": lambda: read_work(draft, like.work if like else None),
        "name": lambda: draft.name.strip() or None,
        "cwd": lambda: str(directory(draft.cwd, base)),
        "lane": lambda: draft.lane.strip() or "default",
        "priority": lambda: _whole(draft.priority, "priority"),
        "timeout": lambda: seconds(draft.timeout),
        "idle": lambda: seconds(draft.idle),
        "retries": lambda: _whole(draft.retries, "retries"),
        "key": lambda: draft.key.strip() or None,
        "after": lambda: tuple(dict.fromkeys(draft.after.replace(",", " ").split())),
        "every": lambda: draft.every.strip() or None,
        **rare_readers(draft),
        "env": lambda: tuple(variables(draft)) or (like.env_keys if like else ()),
        "tags": lambda: tuple(dict.fromkeys(draft.tags.replace(",", " ").split())),
        "watch": lambda: _watched(draft, base),
    }
    values: dict[str, object] = {}
    problems: dict[FieldName, str] = {}
    for name, reader in readers.items():
        if name not in kept:
            try:
                values[_TO_SPEC.get(name, name)] = reader()
            except ValidationError:
                problems[name] = _RULES[name]
            except (ValueError, RuntimeError) as exc:
                problems[name] = str(exc)
    return values, problems


def _watched(draft: Draft, base: Path) -> tuple[str, ...]:
    return tuple(str(directory(path, directory(draft.cwd, base))) for path in words(draft.watch))


def _whole(text: str, field: FieldName) -> int:
    try:
        return int(text.strip() or "0")
    except ValueError as exc:
        raise ValueError(_RULES[field]) from exc


def _by_field(error: ValidationError) -> dict[FieldName, str]:
    """What pydantic found, beside the field that a person sees; what no field shows counts as the work's."""
    names = {spec: field for field, spec in _TO_SPEC.items()}
    found: dict[FieldName, str] = {}
    for problem in error.errors(include_url=False, include_context=False):
        first = str(problem["loc"][0]) if problem["loc"] else "work"
        name = names.get(first, cast("FieldName", first))
        if name in _RULES:
            found[name] = _RULES[name]
        else:
            found["work"] = f"{first}: {problem['msg']}"
    return found
