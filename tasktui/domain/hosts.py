"""The machines whose tasks are shown together: what a person says about them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from tasktui.domain.errors import ConfigError

LOCAL: Final = "local"
"""The name of this machine."""
COMMAND: Final = "tasktui"
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@:\[\]-]*")
_KEYS: Final = ("name", "destination", "command")


class Host(NamedTuple):
    """A machine with tasks: this one, or one that ssh reaches."""

    name: str
    """What lists and filters call it."""
    destination: str
    """What ssh is given: a host of its configuration, `user@host` or an ssh address."""
    command: str = COMMAND
    """How tasktui is called there, in the words of that machine's shell."""

    def __str__(self) -> str:
        """As `config show` has it."""
        return self.name if self.destination in {self.name, ""} else f"{self.name}={self.destination}"

    @property
    def is_local(self) -> bool:
        """Whether it is this machine, which needs no ssh."""
        return self.name == LOCAL


THIS: Final = Host(LOCAL, "")
"""This machine."""


def host_of(value: object) -> Host:
    """Read one machine: a name, or a table with `name`, `destination` and `command`.

    Raises:
        ConfigError: something is missing, unknown or cannot be such a name.
    """
    if isinstance(value, Host):
        return value
    if isinstance(value, str):
        return THIS if value == LOCAL else _checked(Host(value.removeprefix("ssh://"), value))
    if not isinstance(value, Mapping):
        raise ConfigError(f"a host is a name or a table, not {value!r}.", key="hosts")
    for key, word in value.items():
        if key not in _KEYS:
            raise ConfigError(f"a host has {', '.join(_KEYS)}, not {key!r}.", key="hosts")
        if not isinstance(word, str) or not word:
            raise ConfigError(f"{key} of a host must be a text, not {word!r}.", key="hosts")
    if "name" not in value:
        raise ConfigError(f"a host needs a name: {dict(value)!r}.", key="hosts")
    return _checked(
        Host(value["name"], value.get("destination", value["name"]), value.get("command", COMMAND))
    )


def hosts_of(values: object) -> tuple[Host, ...]:
    """Read a list of machines, each named once.

    Raises:
        ConfigError: it is no list, one of them is wrong, or two have one name.
    """
    if isinstance(values, str | bytes) or not isinstance(values, Sequence):
        raise ConfigError(f"hosts must be a list, not {values!r}.", key="hosts")
    hosts = tuple(host_of(value) for value in values)
    names = [host.name for host in hosts]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"two hosts are named {name!r}. Give one of them another name.", key="hosts")
    return hosts


def chosen(names: Sequence[str], known: Sequence[Host]) -> tuple[Host, ...]:
    """Return the machines of a command line: those of the settings by their names, others as ssh knows them.

    Raises:
        ConfigError: one cannot be a destination.
    """
    by_name = {host.name: host for host in known}
    return tuple(by_name.get(name) or host_of(name) for name in dict.fromkeys(names))


def _checked(host: Host) -> Host:
    if not _NAME.fullmatch(host.name):
        raise ConfigError(
            f"{host.name!r} cannot name a host: letters, digits and . _ - @ : only, and no - in front.",
            key="hosts",
        )
    if host.name == LOCAL:
        raise ConfigError(f"{LOCAL!r} is this machine. Give the other one another name.", key="hosts")
    if host.destination.startswith("-") or not host.destination.isprintable() or " " in host.destination:
        raise ConfigError(
            f"{host.destination!r} is no destination for ssh: write host, user@host or ssh://user@host:port.",
            key="hosts",
        )
    if not host.command.isprintable():
        raise ConfigError(f"the command of {host.name} has letters that cannot be seen.", key="hosts")
    return host
