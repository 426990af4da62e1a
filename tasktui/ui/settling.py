"""What is done before Textual is imported, and what is put off until the first frame is out."""

from __future__ import annotations

import gc
import os
from typing import Final

DELAY_S: Final = 0.5
_THRESHOLDS: Final = (50_000, 20, 100)


_FPS: Final = "TEXTUAL_FPS"


def hasten() -> None:
    """Collect nothing until the first frame is out, and let a key's frame wait for half as long as usual.

    To be called before Textual is imported, which reads its rate once. With the usual 60 a second, frames of
    keys fall behind those of panes.
    """
    gc.disable()
    if _FPS not in os.environ:
        os.environ[_FPS] = "120"
        import textual.constants  # noqa: F401  # reads it

        del os.environ[_FPS]  # it is no concern of the tasks


def tune_collector() -> None:
    """Begin to collect; keep what start-up made out of it and make it rare: it costs the slowest frames."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    gc.enable()
