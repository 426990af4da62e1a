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
    """What was found."""
    todo: str = ""
    """What to do about it; never empty where something is wrong."""

    def __post_init__(self) -> None:
        if self.level in {"warn", "bad"} and not self.todo:
            raise ValueError(f"what is to be done about this? {self.says}")
