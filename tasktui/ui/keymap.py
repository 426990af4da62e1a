"""Bindings, footer and a person's own keys, all made from the one table of actions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from textual.binding import Binding

from tasktui.domain.errors import ConfigError
from tasktui.ui.key_table import BY_ID, TABLE, TOGETHER, Context, Key, readable, split

__all__ = [
    "BY_ID", "TABLE", "Context", "Key", "bindings", "check", "chosen", "clashes", "footer", "moving",
    "readable", "split",
]  # fmt: skip
_WAYS = ("down", "up", "page_down", "page_up", "top", "bottom")


def chosen(own: Mapping[str, str], *, safe_mode: bool) -> dict[str, str]:
    """Return the keys to use instead of ours, by action id: the person's own before those of safe mode."""
    return {key.id: key.safe for key in TABLE if key.safe and safe_mode} | dict(own)


def bindings(*contexts: Context, priority: bool = False) -> list[Binding]:
    """Return the bindings of these contexts, for the BINDINGS of the widget in which they hold.

    Args:
        contexts: Where the keys hold.
        priority: Whether they come before those of the widget that has the focus.
    """
    return [
        Binding(key.keys, key.action, key.description, id=key.id, show=False, priority=priority)
        for key in TABLE
        if key.context in contexts
    ]


def footer(contexts: Iterable[Context]) -> list[Key]:
    """Return what the footer shows where these contexts hold, the most important first."""
    wanted = set(contexts)
    shown = [key for key in TABLE if key.footer and key.context in wanted]
    return sorted(shown, key=lambda key: -key.footer)


def moving(keymap: Mapping[str, str]) -> Mapping[Context, frozenset[str]]:
    """Return the keys that only move the cursor of the list or of a tab, by where they hold."""
    found: dict[Context, frozenset[str]] = {}
    for key in (BY_ID[f"{place}.{way}"] for place in ("list", "line") for way in _WAYS):
        found[key.context] = found.get(key.context, frozenset()) | set(split(keymap.get(key.id, key.keys)))
    return found


def check(keymap: Mapping[str, str]) -> None:
    """Check a person's keymap: ids with keys to use instead of ours.

    Raises:
        ConfigError: an id is unknown, or two actions that hold at the same time share a key.
    """
    for name in keymap:
        if name not in BY_ID:
            raise ConfigError(f"keymap: there is no action {name!r}; `tasktui keys` lists them", key=name)
    for key, first, second in clashes(keymap):
        raise ConfigError(
            f"keymap: {key!r} is both {first!r} and {second!r}; give one of them another key", key=second
        )


def clashes(keymap: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield each key that two actions share in one place, with the ids of both."""
    for contexts in TOGETHER:
        taken: dict[str, str] = {}
        for entry in (entry for entry in TABLE if entry.context in contexts):
            for key in map(_named, split(keymap.get(entry.id, entry.keys))):
                holder = taken.setdefault(key, entry.id)
                if holder != entry.id:
                    yield key, holder, entry.id


def _named(key: str) -> str:
    """The two spellings of a capital letter are one key."""
    letter = key.removeprefix("shift+")
    return letter.upper() if len(letter) == 1 and letter.isalpha() and letter != key else key
