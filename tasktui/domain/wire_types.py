"""Whether what another process said is of the type that screens count on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

T = TypeVar("T")
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "str": (str,), "int": (int,), "UnixMs": (int,), "float": (int, float), "bool": (bool,),
}  # fmt: skip


def types_of(annotation: str) -> tuple[type, ...]:
    """Return what a field of that annotation may hold; anything where it is none of the plain ones."""
    word, _, optional = annotation.partition(" | ")
    known = _TYPES.get(word, (object,))
    return (*known, type(None)) if optional else known


def see_types(values: Mapping[str, Any], types: Mapping[str, tuple[type, ...]]) -> None:
    """See that values hold what they should.

    Raises:
        TypeError: one does not.
    """
    for name in values.keys() & types.keys():
        if not isinstance(values[name], types[name]):
            raise TypeError(f"{name} is {type(values[name]).__name__}")


def told(kind: type[T], value: object) -> T:
    """Return a value that must be of that kind.

    Raises:
        TypeError: it is not.
    """
    if not isinstance(value, kind):
        raise TypeError(f"{type(value).__name__} for {kind.__name__}")
    return value
