"""Which messages the agent took in: a turn that ends with some outstanding is not the last."""

from __future__ import annotations


class Turns:
    """What was said to the agent and has no answer yet.

    An agent that repeats what it takes in has answered a message by the result after that; of one that does
    not, each result answers the oldest.
    """

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._repeats = False

    @property
    def outstanding(self) -> bool:
        """Whether a message was not taken in yet."""
        return bool(self._waiting)

    def said(self, text: str) -> None:
        """Note a message that was said."""
        self._waiting.append(text)

    def repeated(self, text: str) -> None:
        """Note that the agent took a message in, or several joined to one."""
        self._repeats = True
        if text in self._waiting:
            self._waiting.remove(text)
            return
        left = [waiting for waiting in self._waiting if waiting not in text]
        self._waiting = left if len(left) < len(self._waiting) else self._waiting[1:]

    def over(self) -> None:
        """Note the end of a turn."""
        if not self._repeats:
            del self._waiting[:1]
