"""Replays both directions of a captured talk of the Agent Client Protocol: the agent's lines are heard, and
what the recording client said must be what ours says, but for the numbers of its requests."""

from __future__ import annotations

import json
from typing import Any

from tasktui.domain.ports.executor import Delivery
from tasktui.executors.agents.acp import AcpDialogue
from tasktui.executors.agents.policy import Rules
from tasktui.executors.agents.presets import shipped
from tasktui.executors.agents.start import Start
from tests.unit.executors.agents.replay import CAPTURES, Replay

ASK = Rules("ask")
PRESETS = {"claude": "claude-acp", "codex": "codex-acp", "gemini": "gemini", "opencode": "opencode"}


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
        preset = shipped()[PRESETS.get(name.split("-")[1], "gemini")]
        start = {"rules": ASK, "session_id": first.get("sessionId"), **more}
        return Start(preset, prompt, first["cwd"], **start)

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
