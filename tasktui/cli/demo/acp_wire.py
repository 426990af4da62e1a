"""The demo's agent on the wire: the Agent Client Protocol by hand, with the standard library alone."""

from __future__ import annotations

import json
import queue
import sys
import threading
from itertools import count
from typing import Any, Final

from tasktui.cli.demo.report import rest

SESSION: Final = "demo-1"
OPTIONS: Final = (
    {"optionId": "yes", "name": "Change it", "kind": "allow_once"},
    {"optionId": "no", "name": "Leave it to me", "kind": "reject_once"},
)


class CanceledError(Exception):
    """The client wants the turn to end."""


class Wire:
    """Says what the agent does, and hears what the client wants of it."""

    def __init__(self) -> None:
        self._inbox: queue.Queue[dict[str, Any]] = queue.Queue()
        self._numbers = count(1)
        self.heard: list[str] = []
        """Messages that came while the agent worked."""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            self._inbox.put(json.loads(line))
        self._inbox.put({})

    def prompt(self) -> dict[str, Any] | None:
        """Answer the client until it says a prompt; None when it has gone."""
        while message := self._inbox.get():
            if message.get("method") == "session/prompt":
                return message
            self._answer(message)
        return None

    def _answer(self, message: dict[str, Any]) -> None:
        if "id" not in message or "method" not in message:
            return
        agent = {"name": "demo", "title": "Demo agent", "version": "1"}
        known: dict[str, dict[str, Any]] = {
            "initialize": {"protocolVersion": 1, "agentInfo": agent, "agentCapabilities": {}},
            "session/new": {"sessionId": SESSION},
        }
        if message["method"] in known:
            self.send(id=message["id"], result=known[message["method"]])
        else:
            self.send(id=message["id"], error={"code": -32601, "message": "Method not found"})

    def send(self, **message: Any) -> None:
        """Say a line."""
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        sys.stdout.flush()

    def update(self, what: str, /, **fields: Any) -> None:
        """Tell of the work."""
        update = {"sessionUpdate": what, **fields}
        self.send(method="session/update", params={"sessionId": SESSION, "update": update})

    def look(self) -> None:
        """Take what came meanwhile: messages are for this turn.

        Raises:
            CanceledError: the turn is to end.
        """
        while not self._inbox.empty():
            self._take(self._inbox.get())

    def _take(self, message: dict[str, Any]) -> None:
        if not message or message.get("method") == "session/cancel":
            raise CanceledError
        if message.get("method") == "session/prompt":
            self.heard.append(message["params"]["prompt"][0]["text"])
            self.send(id=message["id"], result={"stopReason": "end_turn"})

    def may(self, call: dict[str, Any]) -> bool:
        """Ask for permission and wait for the answer.

        Raises:
            CanceledError: the turn is to end.
        """
        number = next(self._numbers)
        params = {"sessionId": SESSION, "toolCall": call, "options": OPTIONS}
        self.send(id=number, method="session/request_permission", params=params)
        while True:
            message = self._inbox.get()
            if message.get("id") != number or "method" in message:
                self._take(message)
            elif (outcome := message["result"]["outcome"])["outcome"] == "cancelled":
                raise CanceledError
            else:
                return bool(outcome["optionId"] == "yes")

    def speak(self, text: str, *, thought: bool = False) -> None:
        """Say something, word by word as a model does."""
        name = f"m{next(self._numbers)}"
        for word in text.split(" "):
            what = "agent_thought_chunk" if thought else "agent_message_chunk"
            self.update(what, messageId=name, content={"type": "text", "text": word + " "})
            rest(0.02)
            self.look()
