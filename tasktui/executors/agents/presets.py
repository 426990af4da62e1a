"""The agents that can be started by a name: what each runs, what it can, and what to do when it cannot."""

from __future__ import annotations

import shutil
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from tasktui.domain.errors import ConfigError
from tasktui.executors.agents.elsewhere.address import settled, shown
from tasktui.executors.agents.policy import Policy

FILE: Final = Path(__file__).parent / "presets.toml"
Protocol = Literal["acp", "claude", "qwen", "codex", "codex-exec", "llm"]
Intervene = Literal["steer", "queue", "interrupt", "none"]


@dataclass(frozen=True, slots=True)
class Preset:
    """One agent."""

    name: str
    protocol: Protocol
    argv: tuple[str, ...]
    """What starts it; empty for an agent at an address."""
    title: str = ""
    url: str = ""
    """Where it is, when it is no program here: `wss://…`, `https://…`, on this machine `ws://…`, `http://…`."""
    token_env: str = ""
    """The variable whose value it is asked with as a bearer token."""
    cwd: str = ""
    """The directory in which it works there; that of the task when empty."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables that are set for it, below those of the task."""
    intervene: Intervene = "none"
    """What a message does while it works: join after the running tool, wait for the next turn, interrupt."""
    permissions: Policy = "ask"
    resume: Literal["none", "load", "resume"] = "none"
    """How it takes up a session again; `load` replays the session's history first."""
    on_limit: Literal["fail", "wait"] = "fail"
    """At its provider's limit, when it does not say until when: fail, or try again later and later."""
    modes: Mapping[str, str] = field(default_factory=dict)
    """The agent's own words for a task's `mode`; `agent` is where it asks, empty for its own default."""
    lacks: str = ""
    """What it cannot do that others can, as what follows its title in a sentence."""
    install: str = ""
    """What to do when the program is not there."""
    login: str = ""
    """What to do when the agent knows nobody."""


@cache
def shipped() -> Mapping[str, Preset]:
    """Return the agents that come with tasktui, by name."""
    return read(tomllib.loads(FILE.read_text(encoding="utf-8")), str(FILE.name))


def with_own(own: Mapping[str, Any]) -> Mapping[str, Preset]:
    """Return the shipped agents with a person's own above them; own ones may be based on another by `like`.

    Raises:
        ConfigError: an entry is not a table, lacks something, or has a key or a value that is unknown.
    """
    return {**shipped(), **read(own, "agents", base=shipped())}


def read(
    tables: Mapping[str, Any], origin: str, *, base: Mapping[str, Preset] | None = None
) -> dict[str, Preset]:
    """Make agents of tables by name.

    Raises:
        ConfigError: an entry is not a table, lacks something, or has a key or a value that is unknown.
    """
    return {name: _preset(name, table, f"{origin}.{name}", base or {}) for name, table in tables.items()}


def _preset(name: str, table: object, where: str, base: Mapping[str, Preset]) -> Preset:
    if not isinstance(table, dict):
        raise ConfigError(f"{where} must be a table")
    values = dict(table)
    like = values.pop("like", name)
    model = base.get(like)
    if model is None and "like" in table:
        raise ConfigError(f"{where}.like names no agent: {like}. There are {', '.join(sorted(base))}.")
    taken: dict[str, Any] = {item.name: getattr(model, item.name) for item in fields(Preset)} if model else {}
    for key, value in values.items():
        taken[key] = _checked(f"{where}.{key}", key, value)
    if model and "modes" in values:
        taken["modes"] = {**model.modes, **taken["modes"]}  # who names one mode gives up no other
    taken = settled(where, taken, values)
    if missing := {"protocol", "argv"} - set(taken):
        raise ConfigError(f"{where} lacks {' and '.join(sorted(missing))}")
    return Preset(**{**taken, "name": name})


def whereabouts(preset: Preset) -> str | None:
    """Return where an agent or its program is; None when what it needs is not installed."""
    if preset.url:
        return shown(preset.url) if all(map(find_spec, _NEEDED_ELSEWHERE)) else None
    if preset.protocol == "llm":
        return sys.executable if find_spec("pydantic_ai") else None
    return shutil.which(preset.argv[0])


_NEEDED_ELSEWHERE: Final = ("websockets", "h2")
_HINTS: Final = get_type_hints(Preset)


def _checked(where: str, key: str, value: object) -> object:
    hint = _HINTS.get(key)
    if hint is None or key == "name":
        known = ", ".join(sorted({*_HINTS, "like"} - {"name"}))
        raise ConfigError(f"{where} is not known. Known: {known}.")
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise ConfigError(f"{where} must be one of {', '.join(get_args(hint))}")
    elif key == "argv":
        return _words(where, value)
    elif key in {"env", "modes"}:
        if not isinstance(value, dict) or not all(isinstance(word, str) for word in value.values()):
            raise ConfigError(f"{where} must be a table of words")
    elif not isinstance(value, str):
        raise ConfigError(f"{where} must be a word")
    return value


def _words(where: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(word, str) for word in value):
        raise ConfigError(f"{where} must be a list of words, the program first")
    return tuple(value)
