"""What the API says of its records: a type that nobody described is no gap in it but an error."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tasktui.domain.wire_schema import record_schema


@dataclass
class Strange:
    """A record with a type that JSON has not."""

    parts: set[str]


def test_a_type_without_a_schema_is_an_error() -> None:
    with pytest.raises(TypeError, match="no schema for set"):
        record_schema(Strange)
