"""What is put off until the first frame is out."""

from __future__ import annotations

import gc
from typing import Final

DELAY_S: Final = 0.5
_THRESHOLDS: Final = (50_000, 20, 100)


def tune_collector() -> None:
    """Keep what start-up made out of collections and make them rare: they cost the slowest frames."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
