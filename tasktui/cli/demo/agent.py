"""Demo job: a script that behaves like a coding agent and really repairs a small bug."""

from __future__ import annotations

import difflib
import os
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

from tasktui.cli.demo.report import answer_to, checklist, rest, say

STEPS = ("reproduce the failure", "find the cause", "repair it", "prove the repair")
BUGGY = '''\
def days_left(expires: int, now: int) -> int:
    """Return how many whole days are left, never less than 0."""
    return (expires - now) // 86400


if __name__ == "__main__":
    assert days_left(86400 * 3, 0) == 3
    assert days_left(0, 86400 * 2) == 0, "an expired one has no days left"
    print("all good")
'''
NUMBERS = count(1)


def speak(text: str, *, thought: bool = False) -> None:
    """Say something, word by word as a model does."""
    name, role = f"m{next(NUMBERS)}", "thought" if thought else "agent"
    say("message.started", message_id=name, role=role)
    for word in text.split(" "):
        say("message.delta", message_id=name, delta=word + " ", role=role)
        rest(0.02)
    say("message.completed", message_id=name, content=text, role=role)


def tool(name: str, kind: str, text: str, command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command as a tool call."""
    call, began = f"c{next(NUMBERS)}", time.monotonic()
    say("tool.started", call_id=call, name=name, kind=kind, input=text)
    rest(0.4)
    ran = subprocess.run(command, check=False, capture_output=True, text=True)  # fixed commands
    output = (ran.stdout + ran.stderr).strip()
    took = int((time.monotonic() - began) * 1000)
    say("tool.completed", call_id=call, ok=ran.returncode == 0, output=output, duration_ms=took)
    return ran


def edit(path: Path, new: str) -> str:
    """Change a file as a tool call with a diff, and return the diff."""
    call, old = f"c{next(NUMBERS)}", path.read_text()
    say("tool.started", call_id=call, name="edit", kind="edit", input=str(path))
    path.write_text(new)
    names = (f"a/{path}", f"b/{path}")
    diff = "".join(difflib.unified_diff(old.splitlines(True), new.splitlines(True), *names))
    rest(0.2)
    say("tool.completed", call_id=call, ok=True, output=f"changed {path}", diff=diff, duration_ms=12)
    return diff


def permission() -> bool:
    """Ask whether the file may be changed."""
    speak("The subtraction goes below zero for an expired entry. I want to clamp it.")
    options = ["clamp at zero", "leave it to me"]
    say("input.requested", request_id="repair", question="May I change expiry.py?", options=options)
    return answer_to("repair").get("text") != options[1]


def main() -> int:
    """Repair the bug, if the person lets us."""
    path, python = Path("expiry.py"), sys.executable
    path.write_text(BUGGY)
    checklist(STEPS, 0)
    speak("I'll reproduce the failure first.")
    tool("bash", "execute", f"python {path}", [python, str(path)])
    checklist(STEPS, 1)
    speak("An assertion about expired entries fails; let me read the function.", thought=True)
    tool("read", "read", str(path), ["head", "-4", str(path)])
    say("usage.tokens", input_tokens=4210, output_tokens=318, cost_usd=0.021)
    checklist(STEPS, 2)
    if not permission():
        speak("Understood, I leave the file as it is.")
        return 0
    diff = edit(path, BUGGY.replace("(expires - now) // 86400", "max(0, (expires - now) // 86400)"))
    (Path(os.environ["TASKTUI_ARTIFACTS"]) / "repair.diff").write_text(diff)
    checklist(STEPS, 3)
    ran = tool("bash", "execute", f"python {path}", [python, str(path)])
    verdict = "passed" if ran.returncode == 0 else "failed"
    record = {"id": "self-test", "gate": "test", "command": f"python {path}", "status": verdict}
    say("gate.recorded", gate=record | {"exit_code": ran.returncode, "summary": ran.stdout.strip()})
    checklist(STEPS, 4)
    say("usage.tokens", input_tokens=5120, output_tokens=466, cost_usd=0.028)
    speak("Repaired: an expired entry now has **0** days left, and the self-test passes.")
    return ran.returncode


if __name__ == "__main__":
    sys.exit(main())
