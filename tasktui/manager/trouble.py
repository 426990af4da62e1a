"""What is in the way, logged when it comes and when it goes, however often it is tried again meanwhile."""

from __future__ import annotations

from logging import Logger


class Trouble:
    """Remembers what was logged last."""

    def __init__(self, log: Logger, over: str) -> None:
        """Take where to log, and the sentence for its end."""
        self._log = log
        self._over = over
        self._met: str | None = None

    def meet(self, sentence: str) -> None:
        """Log it, unless it is known."""
        if sentence != self._met:
            self._log.warning("%s", sentence)
        self._met = sentence

    def pass_by(self) -> bool:
        """Log its end, if there was any; return whether there was."""
        met, self._met = self._met is not None, None
        if met:
            self._log.warning("%s", self._over)
        return met
