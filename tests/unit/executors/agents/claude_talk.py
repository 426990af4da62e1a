"""A talk with Claude Code for tests: events in short, answers, and what we said."""

from __future__ import annotations

import json
from typing import Any

from tasktui.domain.ports.executor import Delivery
from tasktui.executors.agents.claude.dialogue import ClaudeDialogue
from tasktui.executors.agents.dialogue import Conclusion
from tasktui.executors.agents.presets import shipped
from tasktui.executors.agents.start import Start
from tests.unit.executors.agents.replay import Replay

INIT = {"type": "system", "subtype": "init", "session_id": "s1"}
DONE = {"type": "result", "subtype": "success", "result": "done"}


def talk(*events: Any, preset: str = "claude", **more: Any) -> Replay:
    replay = Replay(ClaudeDialogue(Start(shipped()[preset], "do it", "/srv", **more)))
    hear(replay, INIT, *events)
    del replay.lines[:1]
    return replay


def hear(replay: Replay, *events: Any) -> None:
    replay.hear(json.dumps(event).encode() for event in events)


def took(text: str) -> dict[str, Any]:
    """Return the event by which the agent repeats a message it took in."""
    return {"type": "user", "isReplay": True, "message": {"content": [{"type": "text", "text": text}]}}


def calls(name: str, call_id: str = "c1", *, parent: str | None = None, **given: Any) -> dict[str, Any]:
    block = {"type": "tool_use", "id": call_id, "name": name, "input": given}
    return {"type": "assistant", "message": {"id": "m1", "content": [block]}, "parent_tool_use_id": parent}


def ends(
    call_id: str = "c1", content: Any = "ok", *, error: bool = False, result: Any = None
) -> dict[str, Any]:
    block = {"type": "tool_result", "tool_use_id": call_id, "content": content, "is_error": error}
    return {"type": "user", "message": {"content": [block]}, "tool_use_result": result}


def asks(tool: str, request_id: str = "r1", **given: Any) -> dict[str, Any]:
    request = {"subtype": "can_use_tool", "tool_name": tool, "input": given, "tool_use_id": "c1"}
    return {"type": "control_request", "request_id": request_id, "request": request}


def answer(replay: Replay, key: str, text: str, decision: str = "answer") -> None:
    replay.perform(replay.dialogue.answer(Delivery(key, text, "answer", "you", key, decision)))


def write(replay: Replay, text: str, mode: str = "steer", **more: Any) -> None:
    replay.perform(replay.dialogue.message(Delivery(f"i-{text}", text, mode, "you", **more)))


def texts(replay: Replay) -> list[str]:
    """Return what we said, in short."""
    found = []
    for said in replay.said:
        if said["type"] == "user":
            found.append(said["message"]["content"][0]["text"])
        elif said["type"] == "control_request":
            found.append(f"({said['request']['subtype']} {said['request_id']})")
        else:
            found.append(json.dumps(said["response"].get("response") or said["response"]["error"]))
    return found


def conclusion(replay: Replay) -> Conclusion:
    said = replay.dialogue.conclusion()
    assert said is not None
    return said
