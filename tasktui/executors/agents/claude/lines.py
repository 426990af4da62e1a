"""The lines that are said to an agent in Claude Code's stream-json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

INITIALIZE: Final = "initialize-1"
_PATIENCE_MS: Final = 600_000
"""For an answer to a permission question: the most that Qwen Code takes; Claude Code waits for ever."""


def initialize() -> bytes:
    """Say that permissions and questions are answered here."""
    request = {"subtype": "initialize", "hooks": None, "timeout": {"canUseTool": _PATIENCE_MS}}
    return _line({"type": "control_request", "request_id": INITIALIZE, "request": request})


def user(text: str) -> bytes:
    """Say what a person says."""
    content = [{"type": "text", "text": text}]
    message = {"role": "user", "content": content}
    return _line({"type": "user", "message": message, "parent_tool_use_id": None, "session_id": ""})


def interrupt(request_id: str) -> bytes:
    """Stop what is being done."""
    return _line({
        "type": "control_request", "request_id": request_id, "request": {"subtype": "interrupt"},
    })  # fmt: skip


def allow(request_id: str, tool_input: object) -> bytes:
    """Let a tool run with this input."""
    return _response(request_id, {"behavior": "allow", "updatedInput": tool_input})


def deny(request_id: str, message: str) -> bytes:
    """Keep a tool from running; the agent reads why."""
    return _response(request_id, {"behavior": "deny", "message": message})


def unsupported(request_id: str, subtype: str) -> bytes:
    """Answer a request that means nothing here, so that nobody waits."""
    error = f"tasktui does not know the request {subtype}"
    answer = {"subtype": "error", "request_id": request_id, "error": error}
    return _line({"type": "control_response", "response": answer})


def with_files(text: str, paths: Sequence[str]) -> str:
    """Return a message with the files that go with it."""
    return "\n".join([text, "", "Attached files:", *paths]) if paths else text


def _response(request_id: str, response: dict[str, Any]) -> bytes:
    answer = {"subtype": "success", "request_id": request_id, "response": response}
    return _line({"type": "control_response", "response": answer})


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode()
