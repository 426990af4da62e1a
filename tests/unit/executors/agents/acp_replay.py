"""Replays both directions of a captured talk of the Agent Client Protocol: the agent's lines are heard, and
what the recording client said must be what ours says, but for the numbers of its requests."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from acp import schema
from pydantic import BaseModel

from tasktui.domain.ports.executor import Delivery
from tasktui.executors.agents.acp.dialogue import AcpDialogue
from tasktui.executors.agents.dialogue import Conclusion, Step
from tasktui.executors.agents.policy import Rules
from tasktui.executors.agents.presets import Preset, shipped
from tasktui.executors.agents.start import Start
from tests.unit.executors.agents.replay import CAPTURES, Replay

ASK = Rules("ask")
PRESETS = {"claude": "claude-acp", "codex": "codex-acp", "gemini": "gemini", "opencode": "opencode"}


def recorded(name: str) -> Preset:
    """The agent of a captured talk: the recording client left its mode alone, or named one itself."""
    return replace(shipped()[PRESETS.get(name.split("-")[1], "gemini")], modes={})


class Played(Replay):
    """A captured talk, replayed to its end."""

    def __init__(self, name: str, **more: Any) -> None:
        rows = [json.loads(line) for line in (CAPTURES / f"{name}.jsonl").read_text().splitlines()]
        self.rows = [(row["dir"] == "out", row["msg"]) for row in rows]
        self.numbers: dict[int, int] = {}
        """Our number of each request of the recording client."""
        self.compared = 0
        self.asked: dict[int, str] = {}
        super().__init__(AcpDialogue(self._start(name, more)))
        for out, message in self.rows:
            (self._client if out else self._agent)(message)

    def _start(self, name: str, more: dict[str, Any]) -> Start:
        ours = [message for out, message in self.rows if out]
        first = next(m["params"] for m in ours if m["method"].startswith("session/"))
        prompt = next(m["params"]["prompt"][0]["text"] for m in ours if m["method"] == "session/prompt")
        start = {"rules": ASK, "session_id": first.get("sessionId"), **more}
        return Start(recorded(name), prompt, first["cwd"], **start)

    def _agent(self, message: dict[str, Any]) -> None:
        if "method" not in message and message.get("id") in self.numbers:
            message = {**message, "id": self.numbers[message["id"]]}
        before = len(self.facts)
        self.hear([json.dumps(message).encode()])
        for fact in self.facts[before:]:
            if fact.TYPE == "approval.requested":
                self.asked[message["id"]] = fact.model_dump()["request_id"]

    def _client(self, message: dict[str, Any]) -> None:
        if message.get("method") == "session/prompt" and self.compared >= len(self.said):
            text = message["params"]["prompt"][0]["text"]
            self.perform(self.dialogue.message(Delivery("msg_1", text, "steer", "you")))
        elif message.get("method") == "session/cancel":
            self.perform(self.dialogue.stop())
        elif message["id"] in self.asked and "method" not in message:
            chosen = message["result"]["outcome"]["optionId"]
            decision = "deny" if "rej" in chosen or "cancel" in chosen else "allow"
            key = self.asked[message["id"]]
            self.perform(self.dialogue.answer(Delivery(key, "", "answer", "you", key, decision)))
        self._compare(message)

    def _compare(self, theirs: dict[str, Any]) -> None:
        ours = self.said[self.compared]
        self.compared += 1
        if "method" in theirs and "id" in theirs:
            self.numbers[theirs["id"]] = ours["id"]
            theirs = {**theirs, "id": ours["id"]}
        if theirs.get("method") == "initialize":
            assert ours["params"].pop("protocolVersion") == 1
            assert ours["params"]["clientInfo"]["name"] == "tasktui"
            assert "clientCapabilities" not in ours["params"]
        else:
            assert ours == theirs


SPOKEN: dict[str, type[BaseModel]] = {
    "initialize": schema.InitializeRequest,
    "session/new": schema.NewSessionRequest,
    "session/load": schema.LoadSessionRequest,
    "session/resume": schema.ResumeSessionRequest,
    "session/set_mode": schema.SetSessionModeRequest,
    "session/set_config_option": schema.SetSessionConfigOptionSelectRequest,
    "session/prompt": schema.PromptRequest,
    "session/cancel": schema.CancelNotification,
}
ANSWERED: dict[str, type[BaseModel]] = {
    "session/request_permission": schema.RequestPermissionResponse,
    "accept": schema.AcceptElicitationResponse,
    "decline": schema.DeclineElicitationResponse,
    "cancel": schema.CancelElicitationResponse,
}


def valid(message: dict[str, Any]) -> None:
    """Assert that a line of ours is what the protocol's own kit would take."""
    assert message["jsonrpc"] == "2.0"
    if "method" in message:
        assert ("id" in message) == (message["method"] != "session/cancel")
        if model := SPOKEN.get(message["method"]):
            model.model_validate(message["params"])
        else:  # an extension that Gemini CLI and Codex offer, and the kit does not know
            assert message["method"] == "session/set_model"
    elif "error" in message:
        schema.Error.model_validate(message["error"])
    else:
        result = message["result"]
        ANSWERED[result.get("action", "session/request_permission")].model_validate(result)


class Talk(Replay):
    """A talk in which the test plays the agent; every line of ours is checked against the protocol's kit."""

    def __init__(self, preset: str | Preset = "claude-acp", prompt: str = "do it", **more: Any) -> None:
        agent = shipped()[preset] if isinstance(preset, str) else preset
        super().__init__(AcpDialogue(Start(agent, prompt, "/w", **{"rules": ASK, **more})))

    def perform(self, steps: Iterable[Step]) -> None:
        before = len(self.said)
        super().perform(steps)
        for message in self.said[before:]:
            valid(message)

    def agent(self, **message: Any) -> None:
        """The agent says a line."""
        self.hear([json.dumps({"jsonrpc": "2.0", **message}).encode()])

    def result(self, number: int, **result: Any) -> None:
        """The agent answers a request of ours."""
        self.agent(id=number, result=result)

    def fail(self, number: int, code: int, message: str, **more: Any) -> None:
        """The agent answers a request of ours with an error."""
        self.agent(id=number, error={"code": code, "message": message, **more})

    def update(self, what: str, /, **fields: Any) -> None:
        """The agent tells of its work."""
        update = {"sessionUpdate": what, **fields}
        self.agent(method="session/update", params={"sessionId": "s", "update": update})

    def ready(self, **session: Any) -> Talk:
        """The agent takes the handshake; the prompt is said."""
        self.result(1, protocolVersion=1, agentCapabilities=session.pop("can", {}))
        self.result(2, sessionId="s", **session)
        return self

    def asks(self, number: int, tool: dict[str, Any], *kinds: str) -> None:
        """The agent asks for permission."""
        kinds = kinds or ("allow_once", "reject_once")
        options = [{"optionId": kind, "name": kind, "kind": kind} for kind in kinds]
        params = {"sessionId": "s", "toolCall": tool, "options": options}
        self.agent(id=number, method="session/request_permission", params=params)

    def send(self, text: str, mode: str = "steer", name: str = "msg_1", **more: Any) -> None:
        """A person writes a message."""
        self.perform(self.dialogue.message(Delivery(name, text, mode, "you", **more)))

    def decide(self, key: str, decision: str, text: str = "") -> None:
        """A person, or a rule, answers."""
        self.perform(self.dialogue.answer(Delivery(key, text, "answer", "you", key, decision)))

    def stop(self) -> None:
        """Somebody stops the task."""
        self.perform(self.dialogue.stop())

    @property
    def last(self) -> dict[str, Any]:
        """What we said last."""
        return self.said[-1]

    @property
    def end_of_it(self) -> Conclusion:
        """How the agent said that it ended."""
        said = self.dialogue.conclusion()
        assert said is not None
        return said
