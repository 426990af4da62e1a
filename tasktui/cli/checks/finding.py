"""What a check of `doctor` found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    level: Literal["ok", "note", "warn", "bad"]
    """`bad` keeps something from working; `warn` will, some day; `note` is only told."""
    what: str
    says: str
    """What was found, and what to do about it."""
