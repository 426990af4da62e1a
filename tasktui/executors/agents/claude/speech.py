"""What Claude Code says: pieces as the model streams them, then each block whole; every block counts once."""

from __future__ import annotations

from typing import Final

from tasktui.domain.events.base import Data
from tasktui.domain.facts import Facts
from tasktui.executors.agents.speech import Role, Speech

_PIECES: Final[dict[str, tuple[Role, str]]] = {
    "text_delta": ("agent", "text"),
    "thinking_delta": ("thought", "thinking"),
}
_BLOCKS: Final[dict[str, tuple[Role, str]]] = {"text": ("agent", "text"), "thinking": ("thought", "thinking")}


class ClaudeSpeech:
    """The messages of the agent itself, not of those it calls.

    Claude Code repeats a block before it ends in the stream, Qwen Code after the whole message.
    """

    def __init__(self) -> None:
        self._speech = Speech()
        self._role: Role = "agent"
        self._streamed: list[tuple[Role, str]] = []
        """Blocks of this message that ended in the stream and were not repeated yet."""
        self._text: list[str] = []

    @property
    def last(self) -> str:
        """The last whole message."""
        return self._speech.last

    def streamed(self, event: Facts) -> list[Data]:
        """Take one event of the model's stream."""
        match event.text("type"):
            case "message_start":
                self._streamed.clear()
                return self.finish()
            case "content_block_start":
                return self.finish()
            case "content_block_delta":
                return self._piece(event.record("delta"))
            case "content_block_stop":
                if self._text:
                    self._streamed.append((self._role, "".join(self._text)))
                return self.finish()
            case _:
                return []

    def _piece(self, delta: Facts) -> list[Data]:
        role, field = _PIECES.get(delta.text("type"), (None, ""))
        text = delta.text(field)
        if role is None or not text:
            return []
        self._role = role
        self._text.append(text)
        return self._speech.piece(role, text)

    def block(self, block: Facts) -> list[Data]:
        """Take one whole block of a message."""
        role, field = _BLOCKS.get(block.text("type"), (None, ""))
        text = block.text(field)
        if role is None:
            return []
        if (role, text) in self._streamed:
            self._streamed.remove((role, text))
            return []
        self._text.clear()
        return self._speech.whole(role, text)

    def finish(self) -> list[Data]:
        """End the message that is being said, if one is."""
        self._text.clear()
        return self._speech.finish()
