"""What was done about a damaged database, kept in the data directory until a person has read it."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_NAME: Final = "repaired.json"


@dataclass(frozen=True, slots=True)
class Repaired:
    """A repair that nobody has read about yet."""

    moved_to: str
    """Where the damaged database lies now."""
    rebuilt: int
    """Tasks found again in the task directories."""
    unreadable: tuple[str, ...]
    """Task directories that could not be used."""

    @property
    def sentence(self) -> str:
        """What a person is told."""
        many = f"{self.rebuilt:,} tasks were rebuilt from their directories"
        found = "1 task was rebuilt from its directory" if self.rebuilt == 1 else many
        lost = f"; {len(self.unreadable):,} could not be read" if self.unreadable else ""
        moved = f"The database was damaged. It was moved to {self.moved_to}"
        return f"{moved}, and {found}{lost}."


def keep_repair(home: Path, repaired: Repaired) -> None:
    """Note a repair; where it cannot be written, the moved file still tells."""
    told = {
        "moved_to": repaired.moved_to, "rebuilt": repaired.rebuilt, "unreadable": list(repaired.unreadable),
    }  # fmt: skip
    path = home / _NAME
    with suppress(OSError):
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(told), encoding="utf-8", errors="surrogateescape")
        fresh.replace(path)


def unread_repair(home: Path) -> Repaired | None:
    """Return the repair that nobody has read about yet."""
    try:
        told: dict[str, Any] = json.loads((home / _NAME).read_text(encoding="utf-8"))
        return Repaired(str(told["moved_to"]), int(told["rebuilt"]), tuple(map(str, told["unreadable"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def repair_was_read(home: Path) -> None:
    """Forget it; the moved database stays where it is."""
    with suppress(OSError):
        (home / _NAME).unlink(missing_ok=True)
