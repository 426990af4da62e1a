"""Whether what another process said is of the type that screens count on."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any, Final, TypeVar

T = TypeVar("T")
_MOST: Final = 1 << 63
"""As the database's own numbers: what is drawn of larger ones may fail."""
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "str": (str,), "int": (int,), "UnixMs": (int,), "float": (int, float), "bool": (bool,),
}  # fmt: skip


def types_of(annotation: str) -> tuple[type, ...]:
    """Return what a field of that annotation may hold; anything where it is none of the plain ones."""
    word, _, optional = annotation.partition(" | ")
    known = _TYPES.get(word, (object,))
    return (*known, type(None)) if optional else known


def fits(value: object, types: tuple[type, ...]) -> bool:
    """Tell whether a value is of these types, and a number one that can be counted with and drawn."""
    if not isinstance(value, types):
        return False
    if isinstance(value, bool):
        return bool in types or object in types
    if isinstance(value, int):
        return -_MOST <= value < _MOST
    return not isinstance(value, float) or isfinite(value)


def see_types(values: Mapping[str, Any], types: Mapping[str, tuple[type, ...]]) -> None:
    """See that values hold what they should.

    Raises:
        TypeError: one does not.
    """
    for name in values.keys() & types.keys():
        if not fits(values[name], types[name]):
            raise TypeError(f"{name} is {_shown(values[name], types[name])}")


def told(kind: type[T], value: object) -> T:
    """Return a value that must be of that kind.

    Raises:
        TypeError: it is not.
    """
    if isinstance(value, kind) and fits(value, (kind,)):
        return value
    raise TypeError(f"{_shown(value, (kind,))} for {kind.__name__}")


def _shown(value: object, types: tuple[type, ...]) -> str:
    return f"{type(value).__name__} out of range" if type(value) in types else type(value).__name__
