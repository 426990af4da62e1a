"""Places at which a test may kill this process: `TASKTUI_CRASH_AT=<label>`, or `<label>:<n>` for the n-th.

The labels are the promises of the fault tests: what has been acknowledged before the place survives, and what
comes after it either happens once on the next start or did not happen.
"""

from __future__ import annotations

import os
from typing import Final

EXIT_CODE: Final = 137
"""What a shell reports for a process killed by SIGKILL."""

_label, _, _times = os.environ.get("TASKTUI_CRASH_AT", "").partition(":")
_left = int(_times or 1)


def reached(label: str) -> None:
    """End this process at once, without any clean-up, when the environment names this place."""
    global _left  # noqa: PLW0603  # a counter of this process, set by its environment
    if label == _label:
        _left -= 1
        if _left <= 0:
            os._exit(EXIT_CODE)
