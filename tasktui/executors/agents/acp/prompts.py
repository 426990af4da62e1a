"""The prompts of one run: the task's own, and the messages of people while the agent works."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from pathlib import PurePath
from typing import Any, Final

from tasktui.domain.events.lifecycle import TaskStatus
from tasktui.domain.ports.executor import Delivery
from tasktui.executors.agents.acp.session import Session
from tasktui.executors.agents.dialogue import Refuse, Step
from tasktui.executors.agents.json_lines import Calls
from tasktui.executors.agents.pictures import Pictures
from tasktui.executors.agents.start import Start

PROMPT: Final = "session/prompt"
CANCEL: Final = "session/cancel"
INTERRUPT: Final = "tasktui/interrupt"
"""In a cancel's `_meta`: a message follows, so that it is no end of the task."""
_TAKEN: Final = {
    "queue": "{} takes the message as its next turn.",
    "interrupt": "{} stops what it does and takes the message.",
}


class Prompts:
    """What was asked of the agent and has no answer yet, and what waits to be asked."""

    def __init__(self, start: Start, calls: Calls, session: Session, pictures: Pictures) -> None:
        self._start = start
        self._pictures = pictures
        self._calls = calls
        self._session = session
        self._kept: deque[Delivery] = deque()
        self.said = 0
        """How many prompts were said."""
        self._interrupts = 0

    @property
    def in_flight(self) -> int:
        """How many prompts have no answer yet."""
        return self._calls.waiting(PROMPT)

    def first(self) -> list[Step]:
        """Say the task's own prompt."""
        return [self._prompt(self._start.prompt, self._start.attachments)]

    def message(self, delivery: Delivery) -> list[Step]:
        """Bring a message as the agent takes it, or keep it until it can be brought."""
        takes, title = self._start.preset.intervene, self._start.preset.title or self._start.preset.name
        if takes == "none":
            return [Refuse(delivery.intervention_id, f"{title} takes no messages while it works.")]
        if not self._session.ready or not self.in_flight:
            self._kept.append(delivery)
            return []
        if delivery.mode == "interrupt" and takes != "interrupt":
            self._kept.appendleft(delivery)
            return self._interrupt()
        note = _TAKEN.get(takes) if delivery.mode not in {takes, "queue"} else None
        notes: list[Step] = [TaskStatus(message=note.format(title))] if note else []
        if "queue" in {delivery.mode, takes}:
            self._kept.append(delivery)  # by us: some agents refuse a second prompt
            return notes
        return [*notes, self._bring(delivery)]

    def next(self) -> list[Step]:
        """Say what waits longest; nothing when nothing waits."""
        return [self._bring(self._kept.popleft())] if self._kept else []

    def refuse(self, why: str) -> list[Step]:
        """Give up what waits."""
        refused: list[Step] = [Refuse(delivery.intervention_id, why) for delivery in self._kept]
        self._kept.clear()
        return refused

    def cancel(self) -> Step:
        """Stop what the agent does."""
        return self._calls.notify(CANCEL, {"sessionId": self._session.id})

    def _interrupt(self) -> list[Step]:
        self._interrupts += 1
        mark = {INTERRUPT: self.said * 1000 + self._interrupts}
        return [self._calls.notify(CANCEL, {"sessionId": self._session.id, "_meta": mark})]

    def _bring(self, delivery: Delivery) -> Step:
        return self._prompt(delivery.text, delivery.attachments, delivery.intervention_id)

    def _prompt(self, text: str, attachments: tuple[str, ...], delivery: str | None = None) -> Step:
        blocks: list[dict[str, Any]] = [{"type": "text", "text": text}] if text.strip() else []
        blocks += [self._file(str(PurePath(self._start.cwd) / path)) for path in attachments]
        wanted = {"sessionId": self._session.id, "prompt": blocks}
        prompt = self._calls.request(PROMPT, wanted, delivery=delivery)
        return replace(prompt, key=f"{PROMPT} {self.said + 1}") if attachments else prompt

    def _file(self, path: str) -> dict[str, str]:
        """Return a picture as it is, where the agent takes some; other files by their address.

        An address is what every agent must take, and it reads what stands there then.
        """
        place = PurePath(path)
        picture = self._pictures(path) if self._session.images else None
        if picture is None:
            return {"type": "resource_link", "uri": place.as_uri(), "name": place.name}
        return {"type": "image", "mimeType": picture.mime, "data": picture.base64, "uri": place.as_uri()}
