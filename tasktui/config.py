"""Settings: flags, then `TASKTUI_*` variables, then the project's file, the user's file, defaults.

The user's file is `config.toml` in the platform's configuration directory (`TASKTUI_CONFIG` names another),
the project's `.tasktui.toml` in the working directory or above. A project may come from anywhere, so its file
may only set what is harmless (`PROJECT_KEYS`). Only the standard library is loaded: the first frame waits.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from tasktui.domain.errors import ConfigError
from tasktui.domain.hosts import Host, hosts_of

PROJECT_FILE: Final = ".tasktui.toml"
PROJECT_KEYS: Final = frozenset({"theme", "glyphs", "animation", "filters", "artifact_globs"})
"""What a project's file may set: never a command, a path, a key, a server or an approval."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Config:
    """Every setting, its type and its default."""

    home: Path = Path()
    """The data directory."""
    theme: str = "dark"
    """`dark`, `light`, `ansi` (the terminal's own sixteen colours), or one of Textual's by its name."""
    glyphs: Literal["unicode", "ascii"] = "unicode"
    """Whether signs, frames and scrollbars are drawn in ASCII."""
    animation: Literal["none", "basic", "full"] = "basic"
    """How much moves; without a setting what `TEXTUAL_ANIMATIONS` says, and nothing over SSH."""
    alert: Literal["none", "bell", "desktop"] = "bell"
    """How the terminal calls a person to a task that needs one: its bell, or the desktop."""
    mouse: bool = True
    """Whether the dashboard takes the mouse; otherwise the terminal selects text with it."""
    driver: Literal["diff", "stock"] = "diff"
    """How frames reach the terminal: only differences, or all that Textual paints."""
    safe_mode: bool = False
    """Acting keys need Shift, so that a stray paste cannot act."""
    keymap: Mapping[str, str] = field(default_factory=dict)
    """Binding id to keys, comma separated."""
    filters: Mapping[str, str] = field(default_factory=dict)
    """Saved filters by name: `@name` in the filter line and in `ls`, and in the menu and the palette."""
    artifact_globs: tuple[str, ...] = ()
    """Which files of a watched directory are reported; all when empty."""
    lanes: Mapping[str, int] = field(default_factory=dict)
    """How many tasks of a lane run at once."""
    lane_limit: int = 8
    """The same for a lane that is not named."""
    max_running: int = 64
    """The same over all lanes."""
    cancel_grace_s: float = 5.0
    """Between asking a task to stop and killing it."""
    output_cap_bytes: int = 64 << 20
    """Output of a run that is kept."""
    keep_days: float = 7.0
    """Finished tasks older than this are deleted."""
    keep_tasks: int = 10_000
    """At most this many finished tasks are kept."""
    keep_bytes: int = 0
    """Beyond this many bytes of output and files the oldest finished tasks are deleted; 0: never."""
    webhook: str = ""
    """An address that is told, as JSON, when a task needs somebody."""
    webhook_on: tuple[str, ...] = ("needs_you",)
    """What it is told of: `needs_you`, `finished`."""
    agents: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Agents of one's own by name, and changes to those that come with tasktui."""
    container_program: str = ""
    """What makes containers: podman, docker, or a path; the first of them that is found when empty."""
    auto_approve: bool = False
    """Whether a task may let its agent do everything without asking; each task has to want it, too."""
    idle_exit_s: float = 60.0
    """An owner that a command started ends after this long without work and screens."""
    hosts: tuple[Host, ...] = ()
    """Machines beside this one whose tasks the dashboard shows, too: what ssh calls them, or tables with
    `name`, `destination` and `command`."""


KEYS: Final = tuple(item.name for item in fields(Config))


@cache
def _kind(key: str) -> Any:
    """Return the type of a setting. Only those that are given are evaluated: the first frame waits."""
    alone = type(key, (), {"__annotations__": {key: Config.__annotations__[key]}})
    return get_type_hints(alone)[key]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Loaded:
    """The settings and where each one that is not a default comes from."""

    config: Config
    origins: Mapping[str, str]


def load(
    flags: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Loaded:
    """Read all sources.

    Args:
        flags: values of the command line by key; None means not given.
        environ: the environment; the process's own by default.
        cwd: where to look for the project's file; the working directory by default.

    Raises:
        ConfigError: a file is not TOML, a key is unknown or not allowed there, a value has the wrong type.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, table in _sources(flags or {}, environ, cwd or Path.cwd()):
        for key, value in table.items():
            values[key] = _checked(origin, key, value)
            origins[key] = origin
    if "home" not in values:
        values["home"] = default_home(environ)
    if "agents" in values:
        _check_agents(origins["agents"], values["agents"])
    return Loaded(Config(**values), origins)


def _check_agents(origin: str, agents: Mapping[str, Any]) -> None:
    from tasktui.executors.agents.presets import with_own

    try:
        with_own(agents)
    except ConfigError as exc:
        raise ConfigError(f"{origin}: {exc.message}", key="agents") from exc


def default_home(environ: Mapping[str, str]) -> Path:
    """Return the platform's data directory for tasktui."""
    if base := environ.get("XDG_DATA_HOME"):
        return Path(base) / "tasktui"
    if _on_linux():
        return Path.home() / ".local" / "share" / "tasktui"
    import platformdirs

    return Path(platformdirs.user_data_dir("tasktui"))


def user_file(environ: Mapping[str, str]) -> Path:
    """Return where the user's file is, whether it is there or not."""
    if named := environ.get("TASKTUI_CONFIG"):
        return Path(named)
    if base := environ.get("XDG_CONFIG_HOME"):
        return Path(base) / "tasktui" / "config.toml"
    if _on_linux():
        return Path.home() / ".config" / "tasktui" / "config.toml"
    import platformdirs

    return Path(platformdirs.user_config_dir("tasktui")) / "config.toml"


def _on_linux() -> bool:
    """Whether the answer of platformdirs is known without the milliseconds that its import takes."""
    return sys.platform == "linux"


def _sources(
    flags: Mapping[str, Any], environ: Mapping[str, str], cwd: Path
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (origin, values), the weakest first."""
    if environ.get("TEXTUAL_ANIMATIONS") in get_args(_kind("animation")):
        yield "environment TEXTUAL_ANIMATIONS", {"animation": environ["TEXTUAL_ANIMATIONS"]}
    elif environ.get("SSH_CONNECTION"):
        yield "environment SSH_CONNECTION", {"animation": "none"}
    user = user_file(environ)
    yield str(user), _table(user)
    project = next((at / PROJECT_FILE for at in (cwd, *cwd.parents) if (at / PROJECT_FILE).is_file()), None)
    if project is not None and project != user:
        table = _table(project)
        for key in table:
            if key in KEYS and key not in PROJECT_KEYS:
                raise ConfigError(
                    f"{project}: {key} may not be set by a project. Move it to {user}.",
                    file=str(project),
                    key=key,
                )
        yield str(project), table
    named = {f"TASKTUI_{key.upper()}": key for key in KEYS}
    for name, key in named.items():
        if name in environ and environ[name] != "":
            yield f"environment {name}", {key: _from_text(name, key, environ[name])}
    given = {key: value for key, value in flags.items() if value is not None}
    yield "command line", given


def _table(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path}: cannot be read: {exc}", file=str(path)) from exc
    import tomllib

    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"{path}: not valid TOML: {exc}", file=str(path)) from exc
    for key in table:
        if key not in KEYS:
            import difflib

            near = difflib.get_close_matches(key, KEYS, n=1)
            hint = f" Did you mean {near[0]}?" if near else f" Known: {', '.join(KEYS)}."
            raise ConfigError(f"{path}: unknown key {key!r}.{hint}", file=str(path), key=key)
    return table


def _from_text(name: str, key: str, text: str) -> Any:
    """Read a value from a variable."""
    kind = _kind(key)
    try:
        if kind is bool:
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[
                text.lower()
            ]
        if kind in {int, float, Path}:
            return kind(text)
    except (KeyError, ValueError) as exc:
        raise ConfigError(f"{name}: not a valid value for {key}: {text!r}", key=key) from exc
    if kind == tuple[str, ...]:
        return tuple(text.split(os.pathsep))
    if kind == tuple[Host, ...]:
        return [part.strip() for part in text.split(",") if part.strip()]
    if get_origin(kind) is not Literal and kind is not str:
        pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
        number = get_args(kind)[1] is int
        return {left.strip(): int(right) if number and right.isdigit() else right for left, _, right in pairs}
    return text


def _checked(origin: str, key: str, value: Any) -> Any:
    """Return the value as its key's type."""
    kind = _kind(key)
    if kind == tuple[Host, ...]:
        return _hosts(origin, value)
    if kind is Path and isinstance(value, str | Path):
        return Path(value).expanduser().absolute()
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if (
        kind == tuple[str, ...]
        and isinstance(value, list | tuple)
        and all(isinstance(one, str) for one in value)
    ):
        return tuple(value)
    if not _fits(kind, value):
        wanted = " or ".join(map(str, get_args(kind))) if get_origin(kind) is Literal else _word(kind)
        raise ConfigError(f"{origin}: {key} must be {wanted}, not {value!r}.", key=key)
    return value


def _hosts(origin: str, value: Any) -> tuple[Host, ...]:
    try:
        return hosts_of(value)
    except ConfigError as exc:
        raise ConfigError(f"{origin}: {exc.message}", key="hosts") from exc


def _fits(kind: Any, value: Any) -> bool:
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if kind in {int, float}:
        return isinstance(value, kind) and not isinstance(value, bool) and value >= 0
    if isinstance(kind, type) and get_origin(kind) is None:
        return isinstance(value, kind)
    if not isinstance(value, Mapping):
        return False
    return all(isinstance(name, str) and _fits(get_args(kind)[1], one) for name, one in value.items())


def _word(kind: Any) -> str:
    plain = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", Path: "a path"}
    if kind == tuple[str, ...]:
        return "a list of texts"
    return plain.get(kind, "a table")
