"""An agent that streams: words ten times a second, a tool call every second; it speaks ACP."""

from __future__ import annotations

import json
import sys
import time

BEAT_S = 0.1
CALL_EVERY = 10


def main(seconds: float) -> None:
    """Serve one session: one turn of so many seconds."""
    for line in sys.stdin:
        asked = json.loads(line)
        match asked.get("method"):
            case "initialize":
                _answer(asked, {"protocolVersion": 1, "agentCapabilities": {}})
            case "session/new":
                _answer(asked, {"sessionId": "s1"})
            case "session/prompt":
                _turn(seconds)
                _answer(asked, {"stopReason": "end_turn"})


def _turn(seconds: float) -> None:
    until, beats = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        beats += 1
        words = {"type": "text", "text": f"word {beats} of a long answer. "}
        _update({"sessionUpdate": "agent_message_chunk", "content": words})
        if not beats % CALL_EVERY:
            call = {"toolCallId": f"c{beats}", "title": f"read file {beats}", "kind": "read"}
            _update({"sessionUpdate": "tool_call", **call, "status": "in_progress"})
            _update({"sessionUpdate": "tool_call_update", "toolCallId": f"c{beats}", "status": "completed"})
        time.sleep(BEAT_S)


def _update(update: dict[str, object]) -> None:
    _say({"method": "session/update", "params": {"sessionId": "s1", "update": update}})


def _answer(asked: dict[str, object], result: dict[str, object]) -> None:
    _say({"id": asked["id"], "result": result})


def _say(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(float(sys.argv[1]))
