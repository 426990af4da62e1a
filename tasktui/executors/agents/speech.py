"""What an agent says, piece by piece: deltas while it speaks, the whole message once it is finished."""

from __future__ import annotations

from typing import Literal, TypeAlias

from tasktui.domain.events.base import Data
from tasktui.domain.events.work import MessageCompleted, MessageDelta, MessageStarted

Role: TypeAlias = Literal["agent", "thought", "user"]


class Speech:
    """The message that is being said, of which every piece arrives once and in order."""

    def __init__(self) -> None:
        self._number = 0
        self._id = ""
        self._source = ""
        """The agent's own id of the message."""
        self._used: set[str] = set()
        self._role: Role = "agent"
        self._pieces: list[str] = []
        self._length = 0
        self.last = ""
        """The last whole message of the agent itself: what it answered."""

    def piece(self, role: Role, text: str, message_id: str | None = None) -> list[Data]:
        """Take a piece; another role or another message ends the one before."""
        if not text:
            return []
        facts: list[Data] = []
        if self._pieces and (role != self._role or (message_id is not None and message_id != self._source)):
            facts += self.finish()
        if not self._pieces:
            self._begin(role, message_id)
            facts.append(MessageStarted(message_id=self._id, role=role))
        facts.append(MessageDelta(message_id=self._id, delta=text, role=role, offset=self._length))
        self._pieces.append(text)
        self._length += len(text)
        return facts

    def finish(self, whole: str | None = None) -> list[Data]:
        """End the message that is being said, if one is.

        Args:
            whole: its text when the agent repeats it at the end; what was heard else.
        """
        if not self._pieces:
            return []
        text = "".join(self._pieces) if whole is None else whole
        self._pieces.clear()
        return self._completed(self._id, self._role, text)

    def whole(self, role: Role, text: str, message_id: str | None = None) -> list[Data]:
        """Take a message that comes in one piece: the one that is being said, or another after it."""
        if self._pieces and role == self._role and (message_id is None or message_id == self._source):
            return self.finish(text)
        facts = self.finish()
        if text.strip():
            self._begin(role, message_id)
            facts += self._completed(self._id, role, text)
        return facts

    def _begin(self, role: Role, message_id: str | None) -> None:
        """Begin a message under an id of its own: agents have one id for a thought and what follows it."""
        self._number += 1
        self._source = message_id or f"m{self._number}"
        known = self._source in self._used
        self._id = f"{self._source}.{self._number}" if known else self._source
        self._used.add(self._source)
        self._role, self._length = role, 0

    def _completed(self, message_id: str, role: Role, text: str) -> list[Data]:
        if role == "agent":
            self.last = text
        return [MessageCompleted(message_id=message_id, role=role, content=text)]
