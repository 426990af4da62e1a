"""The files and variables around a task: `spec.json`, its private environment, what it inherits."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from tasktui.domain.attachments import DIRECTORY
from tasktui.domain.rows import UnixMs
from tasktui.domain.spec import TaskSpec

SPEC: Final = "spec.json"
ENV: Final = "env"
_OWN: Final = "TASKTUI_"


def inherited(env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a task may inherit: all but our own."""
    return {name: value for name, value in env.items() if not name.startswith(_OWN)}


def make_places(home: Path) -> None:
    """Make the data directory and those of all tasks, for us alone; one that can only be read stays so."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("tasks", "artifacts"):
        with suppress(OSError):
            (home / name).mkdir(mode=0o700, exist_ok=True)
            (home / name).chmod(0o700)


def write_files(
    directory: Path,
    spec: TaskSpec,
    *,
    created_at: UnixMs,
    retry_of: str | None,
    env: Mapping[str, str] | None,
) -> None:
    """Make the task's directory with what the store can be rebuilt from, and its environment.

    Raises:
        OSError: it cannot be written.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if env is not None:
        _replace(directory / ENV, _pairs(env))
    record = {
        "v": 1, "id": directory.name, "created_at": created_at, "title": spec.title,
        "spec": spec.model_dump(mode="json", exclude_defaults=True), "retry_of": retry_of,
    }  # fmt: skip
    _replace(directory / SPEC, json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def read_env(directory: Path) -> dict[str, str]:
    """Return the environment that was given with the task, else this process's."""
    try:
        return _mapping((directory / ENV).read_bytes())
    except OSError:
        return inherited(os.environ)


def _pairs(env: Mapping[str, str]) -> bytes:
    pairs = "\0".join(f"{name}={value}" for name, value in inherited(env).items())
    return pairs.encode("utf-8", "surrogateescape")


def _mapping(pairs: bytes) -> dict[str, str]:
    text = pairs.decode("utf-8", "surrogateescape")
    return dict(pair.split("=", 1) for pair in text.split("\0") if "=" in pair)


def keep_env(file: Path, env: Mapping[str, str]) -> None:
    """Keep an environment in a private file, for firings of a schedule.

    Raises:
        OSError: it cannot be written.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _replace(file, _pairs(env))


def kept_env(file: Path) -> dict[str, str] | None:
    """Return an environment that was kept; None when there is none."""
    try:
        return _mapping(file.read_bytes())
    except FileNotFoundError:
        return None


def forget_env(directory: Path) -> None:
    """Delete the private environment."""
    with suppress(OSError):
        (directory / ENV).unlink(missing_ok=True)


def environment(directory: Path, spec: TaskSpec, own: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of a run."""
    given = read_env(directory)
    for name in spec.env_remove:
        given.pop(name, None)
    return {**given, **own}


def own_variables(home: Path, directory: Path, artifacts: Path, run: int, mark: str) -> dict[str, str]:
    """Return the variables by which a task talks to the dashboard."""
    return {
        "TASKTUI_HOME": str(home),
        "TASKTUI_TASK_ID": directory.name,
        "TASKTUI_RUN": str(run),
        "TASKTUI_MARK": mark,
        "TASKTUI_ARTIFACTS": str(artifacts),
        "TASKTUI_INBOX": str(directory / "inbox.jsonl"),
        "TASKTUI_EVENTS": str(directory / "events.jsonl"),
        "TASKTUI_ATTACHMENTS": str(directory / DIRECTORY),
    }


def _replace(file: Path, content: bytes) -> None:
    hidden = file.with_name(f".{file.name}.new")
    with suppress(FileNotFoundError):
        hidden.unlink()
    fd = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as stream:
        stream.write(content)
    hidden.rename(file)
