"""What a screen does when nobody runs its tasks: starts an owner, in the place of a stopped one too."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tasktui.domain.errors import OwnerError
from tasktui.service.owner import OwnerInfo, stopped_owner
from tasktui.service.presence import REPLACED_AFTER_S
from tasktui.service.starting import start_owner

_WAIT_S: Final = 10.0
"""For an owner that starts; one that takes longer is found at the next call."""


class Reviver:
    """Called each time that nobody answers; never waits for long, so that a screen can be left."""

    def __init__(
        self, home: Path, *, after_s: float = REPLACED_AFTER_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take the data directory, and for how long an owner may be stopped."""
        self._home = home
        self._after_s = after_s
        self._clock = clock
        self._stopped: OwnerInfo | None = None
        self._since = 0.0

    def __call__(self) -> None:
        """See that an owner answers.

        Raises:
            OwnerError: none does yet.
        """
        info = stopped_owner(self._home)
        if info is None:
            self._stopped = None
            start_owner(self._home, wait_s=_WAIT_S)
            return
        if info != self._stopped:
            self._stopped, self._since = info, self._clock()
        if self._clock() - self._since < self._after_s:
            raise OwnerError(
                f"The owner, process {info.pid}, is stopped. `kill -CONT {info.pid}` lets it go on, "
                f"else another takes over after {self._after_s:.0f} s.",
                pid=info.pid,
            )
        start_owner(self._home, take_over=True, wait_s=_WAIT_S)
