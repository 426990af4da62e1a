"""The options by which a command's task runs in a container."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_FIELDS: Final = {
    "mount": "mounts", "container_env": "env", "read_only": "read_only", "network": "network",
    "memory": "memory", "cpus": "cpus",
}  # fmt: skip
_OPTIONS: Final = (
    click.option("--container", metavar="IMAGE", help="In a container of this image, by podman or docker."),
    click.option(
        "--mount", multiple=True, metavar="DIR[:TARGET][:ro]",
        help="With --container: what it sees beside its working directory; may be repeated.",
    ),
    click.option(
        "--container-env", multiple=True, metavar="NAME",
        help="With --container: a variable that goes inside; may be repeated.",
    ),
    click.option("--read-only", is_flag=True, help="With --container: it writes nothing but artifacts."),
    click.option("--network", metavar="NAME", help="With --container: none, or a network's name."),
    click.option("--memory", metavar="2g", help="With --container: the most memory it gets."),
    click.option("--cpus", type=float, metavar="N", help="With --container: the most processors it gets."),
)  # fmt: skip


def container_options(command: F) -> F:
    """Add the options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def take_container(given: dict[str, Any]) -> dict[str, Any] | None:
    """Take the options out of what was given and return the spec's `container`; None without one.

    Raises:
        UsageError: they say something about a container, but not of which image.
    """
    image = given.pop("container")
    taken = {field: given.pop(name) for name, field in _FIELDS.items()}
    known = {field: value for field, value in taken.items() if not (value in (None, ()) or value is False)}
    if image is None:
        if known:
            raise click.UsageError("these options need a container: add --container IMAGE.")
        return None
    for field in {"mounts", "env"} & set(known):
        known[field] = list(known[field])
    if "mounts" in known:
        known["mounts"] = [_absolute(mount) for mount in known["mounts"]]
    return {"image": image, **known}


def _absolute(mount: str) -> str:
    source, colon, rest = mount.partition(":")
    return f"{Path.cwd() / Path(source).expanduser()}{colon}{rest}"
