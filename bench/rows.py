"""What a measurement says: one line of bench/RESULTS.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of a budget, measured beside its reference in the same run."""

    name: str
    """The budget's name: B5."""
    what: str
    """What was measured, in a few words."""
    figure: float
    """Median of the runs."""
    unit: str
    goal: float
    """What the ratio, or the figure where there is no reference, is held against."""
    better: Literal["low", "high"] = "low"
    reference: float | None = None
    """Median of what it is compared with; None where the goal is a figure."""
    against: str = ""
    """What the reference is."""
    runs: int = 5
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The figure in units of the reference."""
        return self.figure / self.reference if self.reference else None

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        judged = self.ratio if self.ratio is not None else self.figure
        return judged <= self.goal if self.better == "low" else judged >= self.goal

    def cells(self) -> tuple[str, ...]:
        """Return the row as the table shows it."""
        sign, ratio = ("≤" if self.better == "low" else "≥"), self.ratio
        return (
            self.name,
            self.what,
            f"{number(self.figure)} {self.unit}",
            "" if self.reference is None else f"{number(self.reference)} {self.unit} ({self.against})",
            "" if ratio is None else f"{ratio:.2f}",
            f"{sign} {number(self.goal)}{'' if ratio is None else ' ×'}",
            "yes" if self.met else "no",
            self.note,
        )


def number(value: float) -> str:
    """Return a figure with three digits that matter."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


HEAD = ("row", "what", "figure", "reference", "ratio", "goal", "met", "note")
