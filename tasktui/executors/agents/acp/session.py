"""How a session with an agent begins: who we are, a new or an old session, and the wishes of the task."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tasktui.domain.events.base import Data
from tasktui.domain.events.lifecycle import TaskLinked, TaskWarning
from tasktui.domain.events.work import RuntimeEvent
from tasktui.domain.facts import Facts
from tasktui.executors.agents.dialogue import Say, Step
from tasktui.executors.agents.json_lines import Calls
from tasktui.executors.agents.start import Start

VERSION: Final = 1
BEGINNINGS: Final = frozenset({"session/new", "session/load", "session/resume"})
WISHES: Final = frozenset({"session/set_mode", "session/set_model", "session/set_config_option"})
ASKS_NOBODY: Final = frozenset({"yolo", "bypassPermissions", "agent-full-access", "auto-approve"})
"""Modes in which the agent asks nobody; only a task that may allow all gets them."""
MANY: Final = 8
"""Of what an agent offers, in a sentence."""


class WrongVersionError(Exception):
    """The agent speaks another version of the protocol."""


@dataclass(frozen=True, slots=True)
class _Wish:
    method: str
    params: Mapping[str, Any]

    def is_said_by(self, method: str, asked: Facts) -> bool:
        """Tell whether a request of ours says this."""
        return method == self.method and all(asked.text(key) == word for key, word in self.params.items())


class Session:
    """From the first word to the moment in which the prompt may be said."""

    def __init__(self, start: Start, calls: Calls) -> None:
        self._start = start
        self._calls = calls
        self._wishes: deque[_Wish] = deque()
        self.id = ""
        self.images = False
        """Whether a prompt may hold pictures."""
        self.logins: list[str] = []
        """How one logs in, in the agent's words."""
        self.ready = False
        self._wanted = b""
        """The line that says the first wish."""
        self._needed: _Wish | None = None
        """The wish without which no prompt is said: the mode in which the agent asks."""
        self._choice = ""
        """What the agent offers instead, as a sentence."""
        self.unsafe = ""
        """Why the agent cannot be held to ask, as a sentence; empty when nothing is known against it."""

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
        wanted = {"cwd": self._start.cwd, "mcpServers": []}
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
        warnings: list[Data] = []
        for wish in (*self._mode(result), *self._model(result)):
            if isinstance(wish, _Wish):
                self._wishes.append(wish)
            else:
                warnings.append(wish)
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
        self.unsafe = ""

    def refused(self, method: str, asked: Facts, why: str) -> list[Step]:
        """Take that a wish was not fulfilled, and go on without it; without the mode that is needed, end."""
        what = asked.text("modeId") or asked.text("modelId") or asked.text("value")
        text = f"The agent did not take {what or 'a setting'} ({method}): {why}"
        if self._needed is not None and self._needed.is_said_by(method, asked):
            self.unsafe = self._without(text)
            return []
        return [_warning(text), *self.next_wish()]

    def _mode(self, result: Facts) -> Iterator[_Wish | TaskWarning]:
        wanted = self._start.agent_mode
        if not ASKS_NOBODY.isdisjoint({wanted, self._start.mode}) and self._start.rules.policy != "allow":
            yield _warning(
                f"The mode {wanted} needs a task that may allow everything: the agent asks as usual."
            )
            wanted = self._start.asking_mode
        if wanted is None or wanted == result.record("modes").text("currentModeId"):
            return
        offered = [mode.text("id") for mode in result.record("modes").records("availableModes")]
        there = _offered("mode", offered, result)
        needed = wanted == self._start.asking_mode and self._start.rules.policy != "allow"
        self._choice = _choice("mode", there)
        of_modes = _Wish("session/set_mode", {"modeId": wanted}) if wanted in offered else None
        if wish := of_modes or _option(result, "mode", wanted):
            self._needed = wish if needed else None
            yield wish
        elif there and needed:
            self.unsafe = self._without(f"The agent has no mode {wanted}.")
        elif there or self._start.mode != "agent":  # an agent that has no modes lacks nothing
            yield _lacks("mode", wanted, there)

    def _without(self, what: str) -> str:
        """Return what to do when the agent is not in the mode in which it asks."""
        return (
            f"{what} tasktui wants it in the mode {self._start.asking_mode}, in which it asks before it acts."
            f" {self._choice} Name a mode for this task by --mode NAME, or the one in which it asks as"
            f" modes.agent under [agents.{self._start.preset.name}] in the settings."
        )

    def _model(self, result: Facts) -> Iterator[_Wish | TaskWarning]:
        wanted = self._start.model
        if wanted is None:
            return
        offered = [model.text("modelId") for model in result.record("models").records("availableModels")]
        if wanted in offered:
            yield _Wish("session/set_model", {"modelId": wanted})
        else:
            there = _offered("model", offered, result)
            yield _option(result, "model", wanted) or _lacks("model", wanted, there)


def _option(result: Facts, category: str, wanted: str) -> _Wish | None:
    """Return how an option of the session is set to a value, where one of that category offers it."""
    for option in result.records("configOptions"):
        if wanted in _values(option) and _is(option, category):
            return _Wish("session/set_config_option", {"configId": option.text("id"), "value": wanted})
    return None


def _values(option: Facts) -> list[str]:
    """Return what an option can be set to; some agents put its values into groups."""
    groups = [value for group in option.records("options") for value in group.records("options")]
    return [value.text("value") for value in (*option.records("options"), *groups) if value.text("value")]


def _is(option: Facts, category: str) -> bool:
    """Tell whether an option is of a category: Codex has modes under two of them."""
    return any(option.text(key).endswith(category) for key in ("category", "id"))


def _offered(category: str, offered: list[str], result: Facts) -> list[str]:
    """Return all that can be chosen of a category, by whichever way the agent offers it."""
    options = [value for option in result.records("configOptions") if _is(option, category)
               for value in _values(option)]  # fmt: skip
    return list(dict.fromkeys([*offered, *options]))


def _lacks(category: str, wanted: str, there: list[str]) -> TaskWarning:
    return _warning(f"The agent has no {category} {wanted}. {_choice(category, there)}")


def _choice(category: str, there: list[str]) -> str:
    return f"It offers {', '.join(there[:MANY])}." if there else f"It offers no choice of a {category}."


def _warning(text: str) -> TaskWarning:
    return TaskWarning(message=text, code="agent_setting")
