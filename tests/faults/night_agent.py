"""A scripted agent of the night: leaves its line, streams, asks for a permission, ends; it speaks ACP.

The turn before the question takes as long as the prompt says, and an answer may come from a later owner.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

BEAT_S = 0.1
SESSION = "night"


def main(ran: Path) -> None:
    """Serve one session."""
    for line in sys.stdin:
        asked = json.loads(line)
        match asked.get("method"):
            case "initialize":
                _answer(asked, {"protocolVersion": 1, "agentCapabilities": {}})
            case "session/new":
                _answer(asked, {"sessionId": SESSION})
            case "session/prompt":
                _turn(ran, float(asked["params"]["prompt"][0]["text"]))
                _answer(asked, {"stopReason": "end_turn"})


def _turn(ran: Path, seconds: float) -> None:
    with (ran / os.environ["TASKTUI_TASK_ID"]).open("a") as file:
        file.write(f"{os.environ['TASKTUI_RUN']}\n")
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        _update({"sessionUpdate": "agent_message_chunk", "content": {"type": "text", "text": "word "}})
        time.sleep(BEAT_S)
    call = {"toolCallId": "c1", "title": "edit a file", "kind": "edit", "status": "pending"}
    _update({"sessionUpdate": "tool_call", **call})
    options = [{"optionId": "yes", "name": "Allow", "kind": "allow_once"}]
    asks = {"sessionId": SESSION, "toolCall": call, "options": options}
    _say({"id": 77, "method": "session/request_permission", "params": asks})
    while json.loads(sys.stdin.readline()).get("id") != 77:
        pass
    _update({"sessionUpdate": "tool_call_update", "toolCallId": "c1", "status": "completed"})


def _update(update: dict[str, Any]) -> None:
    _say({"method": "session/update", "params": {"sessionId": SESSION, "update": update}})


def _answer(asked: dict[str, Any], result: dict[str, Any]) -> None:
    _say({"id": asked["id"], "result": result})


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
