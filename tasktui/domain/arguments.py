"""Arguments of a function as a person types them: `n=3 name=Ann`."""

from __future__ import annotations

import json
from typing import NoReturn


def value_of(text: str) -> object:
    """Return the JSON that the text is, or the text."""
    try:
        value: object = json.loads(text, parse_constant=_no_number)
    except ValueError:
        return text
    return value


def typed_value(value: object) -> str:
    """Return what one would type to get this value."""
    if isinstance(value, str) and value_of(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"JSON has no {word}")
