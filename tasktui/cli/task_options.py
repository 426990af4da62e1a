"""The options of every command that makes a task, and the request that is made of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from tasktui.cli.params import PAIR, SPAN
from tasktui.cli.printing import tell
from tasktui.cli.reading import now_ms
from tasktui.cli.targets import complete_ids
from tasktui.domain.errors import InvalidError
from tasktui.domain.wire import time_text

F = TypeVar("F", bound=Callable[..., Any])
Given = Mapping[str, Any]
"""What the options were given, by the names of their fields; None or empty where they were not."""

_PLAIN: Final = (
    "name", "lane", "priority", "timeout_s", "idle_timeout_s", "retries", "every", "exclusive_key",
    "on_conflict", "client_id", "request_id", "idempotency_key",
)  # fmt: skip
_LISTS: Final = {"depends_on": "after", "tags": "tag"}

_OPTIONS: Final = (
    click.option("--name", help="Its title; the command itself by default."),
    click.option("--cwd", type=click.Path(), help="Where it works; here by default."),
    click.option("--env", type=PAIR, multiple=True, help="A variable; may be repeated."),
    click.option(
        "--env-from", metavar="NAME", multiple=True,
        help="A variable that must be set here; its value stands on no command line.",
    ),
    click.option("--lane", help="The lane whose limit holds for it."),
    click.option("--priority", type=int, metavar="N", help="The higher, the sooner in its lane."),
    click.option(
        "--after", metavar="ID", multiple=True, shell_complete=complete_ids,
        help="Start when that task has completed; may be repeated.",
    ),
    click.option("--delay", type=SPAN, help="Start no sooner than after this: 90s, 10m, 1h30m."),
    click.option("--timeout", "timeout_s", type=SPAN, help="Stop it when it has run for so long."),
    click.option("--idle-timeout", "idle_timeout_s", type=SPAN, help="Stop it when it is silent so long."),
    click.option("--retries", type=click.IntRange(0, 100), metavar="N", help="New runs after failures."),
    click.option("--hold", is_flag=True, help="Do not start it before it is released."),
    click.option("--watch", type=click.Path(), multiple=True, help="A directory whose files it shows."),
    click.option("--tag", multiple=True, help="A word to find it by; may be repeated."),
    click.option("--every", metavar="1h|CRON", help="Again and again."),
    click.option("--exclusive", "exclusive_key", metavar="KEY", help="Only one such task at a time."),
    click.option(
        "--on-conflict", type=click.Choice(["raise", "queue", "return", "cancel"]),
        help="What happens when the key is taken: an error, wait, that task instead, cancel that one.",
    ),
    click.option("--client", "client_id", metavar="ID", help="Who asks."),
    click.option("--request", "request_id", metavar="ID", help="What the one who asks calls it."),
    click.option("--idempotency-key", metavar="KEY", help="The same key is the same task."),
)  # fmt: skip


def task_options(command: F) -> F:
    """Add the options."""
    for option in reversed(_OPTIONS):
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
    spec: dict[str, Any] = {"work": dict(work), "cwd": _absolute(given["cwd"] or ".")}
    spec |= {name: given[name] for name in _PLAIN if given[name] is not None}
    spec |= {field: list(given[name]) for field, name in _LISTS.items() if given[name]}
    spec |= {"env_keys": env_keys} if (env_keys := _env_keys(given)) else {}
    spec |= {"watch": [_absolute(path) for path in given["watch"]]} if given["watch"] else {}
    spec |= {"held": True} if given["hold"] else {}
    spec |= {"not_before": time_text(now_ms() + int(given["delay"] * 1000))} if given["delay"] else {}
    _require_text(spec)
    return spec


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
    return list(dict.fromkeys([*(name for name, _ in given["env"]), *given["env_from"]]))


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
