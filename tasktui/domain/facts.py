"""Reads the JSON of a stored event with the standard library alone, whatever somebody wrote into it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any

from tasktui.domain.wire_types import fits


class Facts:
    """The fields of one JSON object; a field that is missing or of the wrong type reads as empty."""

    __slots__ = ("_fields", "broken")

    def __init__(self, data: bytes | str | None, beside: Mapping[str, object] | None = None) -> None:
        self.broken = False
        """Whether the data is no JSON object."""
        self._fields: dict[str, Any] = {}
        try:
            found = json.loads(data or "{}")
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            self._fields = found | dict(beside or {})
        else:
            self.broken = True

    @classmethod
    def of(cls, fields: object) -> Facts:
        """Return the fields of something that was parsed already."""
        facts = cls(None)
        facts._fields = fields if isinstance(fields, dict) else {}
        return facts

    def text(self, name: str) -> str:
        """Return a field's text; a number as text; empty when there is none."""
        value = self._fields.get(name)
        if isinstance(value, str):
            return value
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""

    def number(self, name: str) -> int | None:
        """Return a field's whole number."""
        value = self._fields.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not fits(value, (int, float)):
            return None
        whole = int(value)
        return whole if fits(whole, (int,)) else None

    def value(self, name: str) -> Any:
        """Return a field as it is, None when there is none."""
        return self._fields.get(name)

    def real(self, name: str) -> float | None:
        """Return a field's finite number."""
        value = self._fields.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        try:
            found = float(value)
        except OverflowError:
            return None
        return found if isfinite(found) else None

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a field's truth."""
        value = self._fields.get(name, default)
        return value if isinstance(value, bool) else default

    def record(self, name: str) -> Facts:
        """Return the fields of an object within."""
        return Facts.of(self._fields.get(name))

    def records(self, name: str) -> list[Facts]:
        """Return the objects of a list within."""
        value = self._fields.get(name)
        return [Facts.of(item) for item in value if isinstance(item, dict)] if isinstance(value, list) else []

    def words(self, name: str) -> list[str]:
        """Return the texts of a list within."""
        value = self._fields.get(name)
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

    def pretty(self, name: str) -> str:
        """Return an object within as indented JSON, empty when there is none."""
        value = self._fields.get(name)
        return json.dumps(value, indent=1, ensure_ascii=False) if value else ""

    def names(self) -> list[str]:
        """Return the names of the fields."""
        return list(self._fields)
