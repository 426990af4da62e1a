"""How a session with an agent begins: who we are, a new or an old session, and the wishes of the task."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskLinked, TaskWarning
from tasktui.domain.events.work import RuntimeEvent
from tasktui.domain.facts import Facts
from tasktui.executors.agents.acp.choice import Choice, Wish, warning
from tasktui.executors.agents.acp.modes import Modes
from tasktui.executors.agents.dialogue import Say, Step
from tasktui.executors.agents.json_lines import Calls
from tasktui.executors.agents.start import Start

VERSION: Final = 1
BEGINNINGS: Final = frozenset({"session/new", "session/load", "session/resume"})


class WrongVersionError(Exception):
    """The agent speaks another version of the protocol."""


class Session:
    """From the first word to the moment in which the prompt may be said."""

    def __init__(self, start: Start, calls: Calls) -> None:
        self._start = start
        self._calls = calls
        self._wishes: deque[Wish] = deque()
        self.id = ""
        self.images = False
        """Whether a prompt may hold pictures."""
        self.logins: list[str] = []
        """How one logs in, in the agent's words."""
        self.ready = False
        self._wanted = b""
        """The line that says the first wish."""
        self._modes = Modes(start, Facts.of({}))

    @property
    def unsafe(self) -> str:
        """Why the agent cannot be held to ask, as a sentence; empty when nothing is known against it."""
        return self._modes.unsafe

    def opening(self) -> Say:
        """Say who we are, and that files and terminals are the agent's own business."""
        client = {"name": "tasktui", "title": "tasktui", "version": self._start.version}
        return self._calls.request("initialize", {"protocolVersion": VERSION, "clientInfo": client})

    def initialized(self, result: Facts) -> list[Step]:
        """Take who the agent is; ask for the session.

        Raises:
            WrongVersionError: it speaks another version than ours.
        """
        version = result.number("protocolVersion")
        if version not in {VERSION, None}:
            raise WrongVersionError(version)
        can = result.record("agentCapabilities")
        self.images = can.record("promptCapabilities").flag("image")
        self.logins = [item.text("name") for item in result.records("authMethods") if item.text("name")]
        agent = result.record("agentInfo")
        who = f"{agent.text('title') or agent.text('name')} {agent.text('version')}".strip()
        return [RuntimeEvent(event="initialize", summary=who), self._begin(can)]

    def _begin(self, can: Facts) -> Say:
        wanted = {"cwd": self._start.place, "mcpServers": []}
        if self._start.session_id is None:
            return self._calls.request("session/new", wanted)
        resumes = "resume" in can.record("sessionCapabilities").names()
        loads = can.flag("loadSession")
        prefers = self._start.preset.resume == "resume"
        method = "session/resume" if (resumes and (prefers or not loads)) else "session/load"
        if prefers and not loads and not resumes:
            method = "session/resume"
        return self._calls.request(method, {**wanted, "sessionId": self._start.session_id})

    def begun(self, result: Facts) -> list[Step]:
        """Take the session; say the first wish, where there is one."""
        self.id = result.text("sessionId") or self._start.session_id or ""
        self._modes = Modes(self._start, result)
        warnings = self._take([*self._modes.wishes(), *self._model(result)])
        return [TaskLinked(session_id=self.id), *warnings, *self.next_wish()]

    def next_wish(self) -> list[Step]:
        """Say the next wish that was not said yet; after the last the session is ready, if it is safe."""
        if self.unsafe:
            return []
        if not self._wishes:
            self.ready = True
            return []
        wish = self._wishes[0]
        request = self._calls.request(wish.method, {"sessionId": self.id, **wish.params})
        self._wanted = request.line
        return [request]

    def said(self, line: bytes) -> None:
        """Take note of a line that was said: it may be the wish that was wanted."""
        if self._wishes and line == self._wanted:
            self._wishes.popleft()

    def prompted(self) -> None:
        """Take that a prompt was said: the session goes on as it was begun, whatever is wished now."""
        self._wishes.clear()
        self.ready = True

    def refused(self, method: str, asked: Facts, why: str) -> list[Step]:
        """Take that a wish was not fulfilled, and go on without it; without the mode that is needed, end."""
        what = asked.text("modeId") or asked.text("modelId") or asked.text("value")
        text = f"The agent did not take {what or 'a setting'} ({method}): {why}"
        return [*self._take(self._modes.refused(method, asked, text)), *self.next_wish()]

    def _model(self, result: Facts) -> Iterator[Wish | TaskWarning]:
        wanted, choice = self._start.model, Choice("model", result)
        if wanted is not None:
            yield choice.wish(wanted) or warning(f"{choice.lack(wanted)} {choice.offer()}")

    def _take(self, wished: Iterable[Wish | TaskWarning]) -> list[Data]:
        """Keep the wishes; return the warnings."""
        taken = list(wished)
        self._wishes.extend(wish for wish in taken if isinstance(wish, Wish))
        return [fact for fact in taken if isinstance(fact, TaskWarning)]
