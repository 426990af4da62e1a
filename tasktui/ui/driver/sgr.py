"""The shortest way from one cell style to the next.

A style is the parameters of the SGR sequence that sets it from scratch, as Textual writes them; a hyperlink
follows after a line break. `""` is the terminal's default.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

Style: TypeAlias = str

OFF: Final = {
    "1": "22",
    "2": "22",
    "3": "23",
    "4": "24",
    "5": "25",
    "6": "25",
    "7": "27",
    "8": "28",
    "9": "29",
    "21": "24",
    "51": "54",
    "52": "54",
    "53": "55",
}
"""What ends each attribute (ECMA-48, SGR)."""
INVISIBLE_ON_BLANKS: Final = {"1", "2", "3", "5", "6"}
EXTENDED: Final = {"2": 5, "5": 3}
"""How many parameters a colour takes after 38 or 48, by its kind."""


class Attributes(NamedTuple):
    """A style taken apart."""

    flags: frozenset[str]
    foreground: str
    background: str


def style(sgr: str, link: str) -> Style:
    """Return the style of cells written after these SGR parameters inside this OSC 8 link."""
    return f"{sgr}\n{link}" if link else sgr


@lru_cache(8192)
def delta(before: Style | None, after: Style) -> str:
    """Return what turns the style `before` (None: unknown) into `after`."""
    if before == after:
        return ""
    old_sgr, _, old_link = (before or "").partition("\n")
    new_sgr, _, new_link = after.partition("\n")
    link = f"\x1b]8;{new_link or ';'}\x1b\\" if old_link != new_link or before is None else ""
    return link + _sgr(None if before is None else old_sgr, new_sgr)


@lru_cache(4096)
def is_flat(style: Style) -> bool:
    """Does a blank in this style show nothing but its background?"""
    attributes = None if "\n" in style else _parse(style)
    return attributes is not None and attributes.flags <= INVISIBLE_ON_BLANKS


def _sgr(before: str | None, after: str) -> str:
    if before == after:
        return ""
    full = f"\x1b[0;{after}m" if after else "\x1b[m"
    old, new = (None if before is None else _parse(before)), _parse(after)
    if old is None or new is None:
        return full
    change = f"\x1b[{';'.join(_changes(old, new))}m"
    return change if len(change) < len(full) else full


def _changes(old: Attributes, new: Attributes) -> Iterator[str]:
    ended = {OFF[flag] for flag in old.flags - new.flags}
    yield from sorted(ended)
    yield from sorted(flag for flag in new.flags if flag not in old.flags or OFF[flag] in ended)
    if new.foreground != old.foreground:
        yield new.foreground or "39"
    if new.background != old.background:
        yield new.background or "49"


@lru_cache(4096)
def _parse(sgr: str) -> Attributes | None:
    """Take SGR parameters apart; None if there are any that Textual doesn't write."""
    flags, colours = set(), {"3": "", "4": ""}
    codes = sgr.split(";") if sgr else []
    while codes:
        code = codes[0]
        length = EXTENDED.get("".join(codes[1:2]), 1) if code in {"38", "48"} else 1
        if code in OFF:
            flags.add(code)
        elif ground := _ground(code):
            colours[ground] = ";".join(codes[:length])
        else:
            return None
        codes = codes[length:]
    return Attributes(frozenset(flags), colours["3"], colours["4"])


def _ground(code: str) -> str:
    """Return `3` for a code that sets the foreground, `4` for the background, else nothing."""
    if len(code) == 2 and code[0] in "34" and code[1] in "012345678":
        return code[0]
    if len(code) == 2 and code[0] == "9" and code[1] in "01234567":
        return "3"
    return "4" if len(code) == 3 and code.startswith("10") and code[2] in "01234567" else ""
