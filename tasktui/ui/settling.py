"""What is put off until the first frame is out."""

from __future__ import annotations

import gc
from typing import Final

DELAY_S: Final = 0.5
_THRESHOLDS: Final = (50_000, 20, 100)


def tune_collector() -> None:
    """Begin to collect; keep what start-up made out of it and make it rare: it costs the slowest frames."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    gc.enable()
