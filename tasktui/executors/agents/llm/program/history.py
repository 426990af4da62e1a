"""What was said in a session, kept for when it is taken up again: a file that its user alone can read."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import platformdirs

from tasktui.domain import room
from tasktui.executors.agents.llm.program.choice import WRONG
from tasktui.executors.agents.llm.program.wire import RefusedError

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage

KEPT: Final = 100
"""Sessions that are kept, the newest."""
_ID: Final = re.compile(r"[0-9a-f]{32}")


class History:
    """The messages of one session."""

    def __init__(self, session: str, messages: list[ModelMessage] | None = None) -> None:
        self.id = session
        self.messages = messages or []

    @classmethod
    def found(cls, session: str) -> History:
        """Return a kept session.

        Raises:
            RefusedError: it is not kept, or cannot be read.
        """
        from pydantic_ai.messages import ModelMessagesTypeAdapter

        if not _ID.fullmatch(session):
            raise RefusedError(WRONG, f"There is no session {session}.")
        try:
            kept = (_folder() / f"{session}.json").read_bytes()
            return cls(session, ModelMessagesTypeAdapter.validate_json(kept))
        except (OSError, ValueError) as exc:
            raise RefusedError(WRONG, f"The session {session} is not kept any more.") from exc

    def keep(self, messages: list[ModelMessage]) -> None:
        """Write down what was said; without calls of tools that have no result: no provider takes them."""
        from pydantic_ai.messages import ModelMessagesTypeAdapter

        while messages and _unanswered(messages[-1]):
            messages = messages[:-1]
        self.messages = messages
        try:
            self._write(ModelMessagesTypeAdapter.dump_json(messages))
        except OSError as exc:
            if not room.passes(exc):  # else the next time keeps it all
                raise

    def _write(self, content: bytes) -> None:
        folder = _folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = folder / f".{self.id}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
        fresh.replace(folder / f"{self.id}.json")
        _prune(folder)


def _folder() -> Path:
    return platformdirs.user_state_path("tasktui") / "llm"


def _prune(folder: Path) -> None:
    files = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime)
    for file in files[:-KEPT]:
        file.unlink(missing_ok=True)


def _unanswered(message: ModelMessage) -> bool:
    return message.kind == "response" and any(part.part_kind == "tool-call" for part in message.parts)
