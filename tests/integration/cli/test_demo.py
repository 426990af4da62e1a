"""The demo without a terminal: real tasks, run quickly, printed as a list."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from acp import schema

import tasktui


def test_the_plain_demo_ends_well_and_prints_what_it_ran() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tasktui", "demo"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    words = [line.split()[2] for line in ran.stdout.splitlines()[1:]]
    finished = [word for word in words if word in {"done", "failed", "canceled", "timeout"}]
    assert len(finished) >= 6
    assert len(set(finished)) >= 3
    assert "approval" in words
    assert "its data directory is gone" in ran.stderr


class _Client:
    """The other side of the demo's agent; every line of it is what the protocol's own kit takes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.updates: list[dict[str, Any]] = []

    def say(self, **message: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self._process.stdin.flush()

    def until(self, key: str, value: Any) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            message: dict[str, Any] = json.loads(line)
            if message.get("method") == "session/update":
                schema.SessionNotification.model_validate(message["params"])
                self.updates.append(message["params"]["update"])
            if message.get(key) == value:
                return message
        raise AssertionError(f"it ended before {key} {value}")


@contextmanager
def _the_agent(cwd: Path) -> Iterator[_Client]:
    argv = [sys.executable, "-m", "tasktui.cli.demo.agent"]
    env = os.environ | {"DEMO_PACE": "0", "PYTHONPATH": str(Path(tasktui.__file__).parents[1])}
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen(argv, **pipes, text=True, cwd=cwd, env=env)
    try:
        client = _Client(process)
        client.say(id=1, method="initialize", params={"protocolVersion": 1})
        schema.InitializeResponse.model_validate(client.until("id", 1)["result"])
        client.say(id=2, method="session/new", params={"cwd": str(cwd), "mcpServers": []})
        schema.NewSessionResponse.model_validate(client.until("id", 2)["result"])
        prompt = [{"type": "text", "text": "fix it"}]
        client.say(id=3, method="session/prompt", params={"sessionId": "demo-1", "prompt": prompt})
        yield client
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(25) == 0
    finally:
        process.kill()
        process.wait(25)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


@pytest.mark.parametrize(("choice", "word"), [("yes", "Repaired:"), ("no", "Understood,")])
def test_the_demos_agent_asks_before_it_repairs(tmp_path: Path, choice: str, word: str) -> None:
    with _the_agent(tmp_path) as client:
        asked = client.until("method", "session/request_permission")
        schema.RequestPermissionRequest.model_validate(asked["params"])
        outcome = {"outcome": "selected", "optionId": choice}
        client.say(id=asked["id"], result={"outcome": outcome})
        ended = schema.PromptResponse.model_validate(client.until("id", 3)["result"])
    assert ended.stop_reason == "end_turn"
    said = "".join(
        u["content"]["text"] for u in client.updates if u["sessionUpdate"] == "agent_message_chunk"
    )
    assert word in said
    ran = subprocess.run(
        [sys.executable, "expiry.py"], cwd=tmp_path, timeout=25, capture_output=True, check=False
    )
    assert (ran.returncode == 0) == (choice == "yes")


def test_the_demos_agent_takes_a_message_and_a_cancel(tmp_path: Path) -> None:
    with _the_agent(tmp_path) as client:
        asked = client.until("method", "session/request_permission")
        prompt = [{"type": "text", "text": "quickly"}]
        client.say(id=4, method="session/prompt", params={"sessionId": "demo-1", "prompt": prompt})
        assert client.until("id", 4)["result"] == {"stopReason": "end_turn"}
        client.say(method="session/cancel", params={"sessionId": "demo-1"})
        client.say(id=asked["id"], result={"outcome": {"outcome": "cancelled"}})
        assert client.until("id", 3)["result"]["stopReason"] == "cancelled"
        client.say(id=5, method="session/prompt", params={"sessionId": "demo-1", "prompt": prompt})
        asked = client.until("method", "session/request_permission")
        client.say(id=asked["id"], result={"outcome": {"outcome": "selected", "optionId": "no"}})
        client.until("id", 5)
        begun = [one["toolCallId"] for one in client.updates if one["sessionUpdate"] == "tool_call"]
        assert len(begun) == len(set(begun)), "a call of the second turn is none of the first"
