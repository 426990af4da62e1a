"""Stands in for Claude Code: speaks its stream-json and does as the first word of the prompt says.

Its tools are real processes in sessions of their own, as those of the real one. Standard library only.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

SESSION = next((word.split("=", 1)[1] for word in sys.argv if word.startswith("--resume=")), "session-1")
LINES: queue.Queue[dict[str, Any] | None] = queue.Queue()
DENIED: list[dict[str, Any]] = []
HELD: list[str] = []
"""Messages that came while a tool ran."""


def read() -> None:
    for line in sys.stdin:
        LINES.put(json.loads(line))
    LINES.put(None)


def say(kind: str, **fields: Any) -> None:
    sys.stdout.write(json.dumps({"type": kind, "session_id": SESSION, **fields}) + "\n")
    sys.stdout.flush()


def stream(**event: Any) -> None:
    say("stream_event", event=event, parent_tool_use_id=None)


def assistant(**block: Any) -> None:
    say("assistant", message={"id": "m", "content": [block]}, parent_tool_use_id=None)


def speak(text: str) -> None:
    stream(type="message_start", message={"id": "m", "usage": {"input_tokens": 10, "output_tokens": 1}})
    stream(type="content_block_start", index=0)
    for at in range(0, len(text), 5):
        stream(type="content_block_delta", delta={"type": "text_delta", "text": text[at : at + 5]})
    assistant(type="text", text=text)
    stream(type="content_block_stop", index=0)
    stream(type="message_delta", usage={"output_tokens": 4})


def result(subtype: str = "success", **fields: Any) -> None:
    fields = {"is_error": subtype != "success", "permission_denials": DENIED, **fields}
    used = {"input_tokens": 10, "output_tokens": 4}
    say("result", subtype=subtype, num_turns=1, total_cost_usd=0.01, usage=used, **fields)


def repeat(text: str) -> None:
    say("user", message={"role": "user", "content": [{"type": "text", "text": text}]}, isReplay=True)


def ask(tool: str, call_id: str, given: dict[str, Any]) -> dict[str, Any]:
    request = {"subtype": "can_use_tool", "tool_name": tool, "input": given, "tool_use_id": call_id}
    say("control_request", request_id=f"ask-{call_id}", request=request)
    while True:
        line = LINES.get(timeout=25)
        if line is None:
            sys.exit(0)
        if line["type"] == "control_response":
            return dict(line["response"]["response"])
        if line["type"] == "user":
            HELD.append(text_of(line))
        if line["type"] == "control_request":
            say("control_cancel_request", request_id=f"ask-{call_id}")
            interrupted(line, call_id)


def text_of(line: dict[str, Any]) -> str:
    return str(line["message"]["content"][0]["text"])


def shell(command: str, call_id: str, *, permission: bool = False) -> None:
    given: dict[str, Any] = {"command": command}
    assistant(type="tool_use", id=call_id, name="Bash", input=given)
    allowed: dict[str, Any] = {"behavior": "allow", "updatedInput": given}
    answer = ask("Bash", call_id, given) if permission else allowed
    if answer["behavior"] == "deny":
        DENIED.append({"tool_name": "Bash", "tool_use_id": call_id, "tool_input": given})
        returned(call_id, answer["message"], error=True)
        return
    tool = subprocess.Popen(
        ["sh", "-c", answer["updatedInput"]["command"]], stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    wait_for(tool, call_id)


def wait_for(tool: subprocess.Popen[bytes], call_id: str) -> None:
    """Wait for a tool; meanwhile messages are kept, and an interrupt ends it and the turn."""
    while tool.poll() is None:
        try:
            line = LINES.get(timeout=0.02)
        except queue.Empty:
            continue
        if line is None:
            tool.wait(timeout=25)
        elif line["type"] == "user":
            HELD.append(text_of(line))
            Path("heard").touch()
        elif line["request"]["subtype"] == "interrupt":
            tool.kill()
            tool.wait()
            interrupted(line, call_id)
    out = tool.stdout.read().decode().strip() if tool.stdout else ""
    returned(call_id, out, error=tool.returncode != 0)


def interrupted(line: dict[str, Any], call_id: str) -> None:
    say("control_response", response={"subtype": "success", "request_id": line["request_id"]})
    returned(call_id, "The user doesn't want to proceed.", error=True)
    result("error_during_execution", terminal_reason="aborted_tools")
    raise InterruptedError


def returned(call_id: str, content: str, *, error: bool = False) -> None:
    block = {"type": "tool_result", "tool_use_id": call_id, "content": content, "is_error": error}
    say("user", message={"content": [block]}, parent_tool_use_id=None)


def login() -> None:
    result("success", is_error=True, result="Invalid API key · Please run /login")
    raise InterruptedError


def limit() -> None:
    """At the provider's limit, but for a session that was taken up again."""
    speak("Starting.")
    if not any(word.startswith("--resume=") for word in sys.argv):
        result("success", is_error=True, result=f"Claude AI usage limit reached|{int(time.time()) + 7200}")
        raise InterruptedError


def crash() -> None:
    speak("Starting.")
    assistant(type="tool_use", id="c1", name="Bash", input={"command": "true"})
    sys.stderr.write("segmentation fault\n")
    sys.stderr.flush()
    os._exit(3)


def silent() -> None:
    speak("Starting.")
    os._exit(0)


def steer() -> None:
    speak("Starting.")
    shell("until test -e go; do sleep 0.02; done; echo went", "c1")


def slow() -> None:
    speak("Starting.")
    shell("sleep 60", "c1")


def made(*, permission: bool = False) -> None:
    shell("echo made > made.txt && cat made.txt", "c1", permission=permission)


def question() -> None:
    options = [{"label": "red"}, {"label": "blue"}]
    given = {"questions": [{"question": "Which colour?", "options": options}]}
    speak(f"So {ask('AskUserQuestion', 'q1', given)['updatedInput']['answers']['Which colour?']}.")


SCENES: dict[str, Callable[[], None]] = {
    "login": login, "limit": limit, "crash": crash, "silent": silent, "steer": steer, "slow": slow,
    "shell": made, "permission": partial(made, permission=True), "question": question,
}  # fmt: skip


def turn(prompt: str) -> None:
    """Play the scene of the prompt's first word; messages that came meanwhile join the turn."""
    repeat(prompt)
    SCENES.get(prompt.split(maxsplit=1)[0], list)()
    for text in [HELD.pop(0) for _ in range(len(HELD))]:
        repeat(text)
        speak(f"You said: {text}")
    speak("All done.")
    result(result="All done.")


def main() -> int:
    Path("argv.json").write_text(json.dumps(sys.argv[1:]))
    threading.Thread(target=read, daemon=True).start()
    code = 0
    while (line := LINES.get()) is not None:
        if line["type"] == "control_request":
            say("control_response", response={"subtype": "success", "request_id": line["request_id"]})
        elif line["type"] == "user":
            say("system", subtype="init", cwd=str(Path.cwd()), mcp_servers=[])
            try:
                turn(text_of(line))
            except InterruptedError:
                code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
