"""What a command knows about its call: the settings, the data directory, whether it may act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tasktui.config import Config, Loaded, load
from tasktui.domain.errors import RefusedError
from tasktui.domain.hosts import THIS, Host, chosen


@dataclass(slots=True)
class Session:
    """One call of `tasktui`; the settings are read when first asked for."""

    flags: Mapping[str, Any]
    readonly: bool = False
    host_names: tuple[str, ...] = ()
    """What was said with `--host`, in that order."""
    home_there: str | None = None
    """The data directory on those machines; their default when None."""
    _loaded: Loaded | None = field(default=None, repr=False)

    @property
    def loaded(self) -> Loaded:
        """The settings with their origins."""
        if self._loaded is None:
            self._loaded = load(self.flags)
        return self._loaded

    @property
    def config(self) -> Config:
        """The settings."""
        return self.loaded.config

    @property
    def home(self) -> Path:
        """The data directory."""
        return self.config.home

    @property
    def hosts(self) -> tuple[Host, ...]:
        """The machines that were named; none: this one.

        Raises:
            ConfigError: one of the words cannot be a destination.
        """
        return chosen(self.host_names, self.config.hosts) if self.host_names else ()

    @property
    def shown_hosts(self) -> tuple[Host, ...]:
        """The machines of a dashboard: those that were named, else this one and those of the settings."""
        if self.host_names:
            return self.hosts
        return (THIS, *self.config.hosts) if self.config.hosts else ()

    def must_act(self) -> None:
        """Refuse when only looking is allowed.

        Raises:
            RefusedError: `--readonly` was given.
        """
        if self.readonly:
            raise RefusedError("Nothing is changed with --readonly. Leave it out to act.")
