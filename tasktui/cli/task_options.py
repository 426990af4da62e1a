"""The options of every command that makes a task, and the request that is made of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from tasktui.cli.attaching import attach_option
from tasktui.cli.names import complete_lanes
from tasktui.cli.params import INSTANT, PAIR, SPAN
from tasktui.cli.printing import tell
from tasktui.cli.reading import now_ms
from tasktui.cli.targets import complete_ids
from tasktui.domain.errors import InvalidError
from tasktui.domain.wire import time_text

F = TypeVar("F", bound=Callable[..., Any])
Given = Mapping[str, Any]
"""What the options were given, by the names of their fields; None or empty where they were not."""

_PLAIN: Final = (
    "name", "lane", "priority", "timeout_s", "idle_timeout_s", "queue_timeout_s", "retries", "every",
    "on_missed", "on_parent_failure", "exclusive_key", "on_conflict", "on_full", "client_id", "request_id",
    "idempotency_key", "container",
)  # fmt: skip
_LISTS: Final = {"depends_on": "after", "tags": "tag"}


def _option(name: str, *names: str, **about: Any) -> tuple[str, Callable[[F], F]]:
    return name, click.option(name, *names, **about)


_OPTIONS: Final = (
    _option("--name", help="Its title; the command itself by default."),
    _option("--cwd", type=click.Path(), help="Where it works; here by default."),
    _option(
        "--worktree", is_flag=True,
        help="In a git worktree of its own, on the branch tasktui/ID; kept while it holds something",
    ),
    _option("--env", type=PAIR, multiple=True, help="A variable; may be repeated."),
    _option(
        "--env-from", metavar="NAME", multiple=True,
        help="A variable that must be set here; its value stands on no command line.",
    ),
    _option("--lane", shell_complete=complete_lanes, help="The lane whose limit holds for it."),
    _option("--priority", type=int, metavar="N", help="The higher, the sooner in its lane."),
    _option(
        "--after", metavar="ID", multiple=True, shell_complete=complete_ids,
        help="Start when that task has completed; may be repeated.",
    ),
    _option(
        "--on-parent-failure", type=click.Choice(["fail", "hold"]),
        help="What becomes of it when such a task does not complete; fail by default.",
    ),
    _option("--delay", type=SPAN, help="Start no sooner than after this: 90s, 10m, 1h30m."),
    _option(
        "--not-before", type=INSTANT, metavar="TIME", help="Start no sooner: 22:30, or 2026-11-21T22:30."
    ),
    _option("--timeout", "timeout_s", type=SPAN, help="Stop it when it has run for so long."),
    _option("--idle-timeout", "idle_timeout_s", type=SPAN, help="Stop it when it is silent so long."),
    _option(
        "--queue-timeout", "queue_timeout_s", type=SPAN, help="Give it up when it has waited for so long."
    ),
    _option("--retries", type=click.IntRange(0, 100), metavar="N", help="New runs after failures."),
    _option("--hold", is_flag=True, help="Do not start it before it is released."),
    _option("--watch", type=click.Path(), multiple=True, help="A directory whose files it shows."),
    ("--attach", attach_option),
    _option("--tag", multiple=True, help="A word to find it by; may be repeated."),
    _option("--every", metavar="1h|CRON", help="Again and again: a length of time, or '30 2 * * 1-5'."),
    _option(
        "--on-missed", type=click.Choice(["one", "skip"]),
        help="With --every: whether times that passed while nobody was there are made up for, once.",
    ),
    _option("--exclusive", "exclusive_key", metavar="KEY", help="Only one such task at a time."),
    _option(
        "--on-conflict", type=click.Choice(["raise", "queue", "return", "cancel"]),
        help="What happens when the key is taken: an error, wait, that task instead, cancel that one.",
    ),
    _option(
        "--on-full", type=click.Choice(["queue", "reject"]),
        help="What happens while its lane has no room: it waits, or is refused.",
    ),
    _option("--client", "client_id", metavar="ID", help="Who asks."),
    _option("--request", "request_id", metavar="ID", help="What the one who asks calls it."),
    _option("--idempotency-key", metavar="KEY", help="The same key is the same task."),
)  # fmt: skip


_ONLY_NEW: Final = ("--attach", "--client", "--request", "--idempotency-key", "--every", "--on-missed")
"""What names or repeats a submission, and cannot be changed of a task."""
_ONLY_RUN: Final = ("--env", "--env-from", "--exclusive", "--on-conflict", "--on-full")
"""What a task that waits cannot get any more."""


def task_options(command: F) -> F:
    """Add the options."""
    return _with(command, ())


def retry_options(command: F) -> F:
    """Add those by which a task may differ from the one that it repeats."""
    return _with(command, _ONLY_NEW)


def edit_options(command: F) -> F:
    """Add those that can be changed while a task waits."""
    return _with(command, (*_ONLY_NEW, *_ONLY_RUN))


def _with(command: F, without: tuple[str, ...]) -> F:
    for name, option in reversed(_OPTIONS):
        if name not in without:
            command = option(command)
    return command


def spec_object(work: Mapping[str, Any], given: Given) -> dict[str, Any]:
    """Return the spec as an object; the owner validates it.

    Args:
        work: its `work`.
        given: the options.

    Raises:
        InvalidError: a word is not UTF-8, which a stored task must be.
    """
    spec: dict[str, Any] = {"work": dict(work), "cwd": _absolute(".")} | changes(given)
    _require_text(spec)
    return spec


def changes(given: Given) -> dict[str, Any]:
    """Return the fields of the spec that the options say something about.

    Raises:
        InvalidError: two of them contradict each other, or a word is not UTF-8.
    """
    known = {name: value for name, value in given.items() if not (value in (None, ()) or value is False)}
    made: dict[str, Any] = {name: known[name] for name in _PLAIN if name in known}
    made |= {field: list(known[name]) for field, name in _LISTS.items() if name in known}
    made |= {"cwd": _absolute(known["cwd"])} if "cwd" in known else {}
    made |= {"env_keys": env_keys} if (env_keys := _env_keys(known)) else {}
    made |= {"watch": [_absolute(path) for path in known["watch"]]} if "watch" in known else {}
    made |= {"worktree": True} if "worktree" in known else {}
    made |= {"held": True} if "hold" in known else {}
    made |= {"not_before": begin} if (begin := _not_before(known)) else {}
    _require_text(made)
    return made


def _not_before(known: Given) -> str | None:
    if "delay" in known and "not_before" in known:
        raise InvalidError("--delay and --not-before say the same in two ways. Leave one out.")
    if "delay" in known:
        return time_text(now_ms() + int(known["delay"] * 1000))
    return time_text(int(known["not_before"].timestamp() * 1000)) if "not_before" in known else None


def environment(given: Given) -> dict[str, str]:
    """Return the whole environment of the task: this one, and what the options put on top.

    Raises:
        InvalidError: a variable that must be set here is not.
    """
    missing = [name for name in given["env_from"] if name not in os.environ]
    if missing:
        raise InvalidError(f"Not set here: {', '.join(missing)}. Export it, or use --env NAME=VALUE.")
    return _without_strange({**os.environ, **dict(given["env"])})


def inherited() -> dict[str, str]:
    """Return this command's own environment as a task gets it."""
    return _without_strange(dict(os.environ))


def _without_strange(whole: dict[str, str]) -> dict[str, str]:
    strange = sorted(name for name, value in whole.items() if not _is_text(name + value))
    if strange:
        tell(f"Variables that are not UTF-8 are left out: {', '.join(strange)}")
    return {name: value for name, value in whole.items() if name not in strange}


def _env_keys(given: Given) -> list[str]:
    named = (name for name, _ in given.get("env", ()))
    return list(dict.fromkeys([*named, *given.get("env_from", ())]))


def _absolute(path: str) -> str:
    # the text as it is: resolving links would name another directory than the person did
    return os.path.normpath(Path.cwd() / Path(path).expanduser())


def _require_text(value: object) -> None:
    """Refuse bytes that are not UTF-8, wherever they stand."""
    if isinstance(value, str) and not _is_text(value):
        raise InvalidError(f"Not UTF-8: {value!r}. Let a shell script hold it.")
    if isinstance(value, Mapping):
        for item in value.values():
            _require_text(item)
    elif isinstance(value, list):
        for item in value:
            _require_text(item)


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
