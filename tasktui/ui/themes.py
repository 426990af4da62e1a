"""Themes by the short names of the configuration, beside Textual's own."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from tasktui.domain.errors import ConfigError

SHORT: Final = {"dark": "textual-dark", "light": "textual-light", "ansi": "ansi-dark"}
"""`ansi` uses only the terminal's own sixteen colours."""


def theme_named(name: str, available: Collection[str]) -> str:
    """Return Textual's name of a theme.

    Raises:
        ConfigError: there is none of this name.
    """
    full = SHORT.get(name, name)
    if full not in available:
        known = ", ".join(sorted({*SHORT, *available}))
        raise ConfigError(f"theme: there is no {name!r}; there are {known}", key="theme")
    return full
