"""What a measurement says: one line of bench/RESULTS.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One budget, measured beside its reference in the same run."""

    name: str
    """The budget's name: B5."""
    goal: str
    """In words: `≥ 0.30 × raw`."""
    figure: float
    reference: float
    ratio: float
    """What the goal is about: figure to reference, the better way round that the goal says."""
    unit: str
    note: str = ""
