"""Demo agent: a script that behaves like a coding agent and really repairs a small bug.

It speaks the Agent Client Protocol on its standard streams, so that it is run as any real agent is.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from tasktui.cli.demo.acp_wire import CanceledError, Wire
from tasktui.cli.demo.report import rest

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
REPAIRED = BUGGY.replace("(expires - now) // 86400", "max(0, (expires - now) // 86400)")
SPENT = ((4210, 318, 0.021), (5120, 466, 0.028))
"""Tokens in, tokens out and dollars, at the permission and at the end."""


class Repair:
    """One turn of the agent."""

    def __init__(self, wire: Wire, cwd: Path, calls: Iterator[int]) -> None:
        self._wire = wire
        self._path = cwd / "expiry.py"
        self._calls = calls

    def run(self) -> None:
        """Repair the bug, if the person lets us."""
        self._path.write_text(BUGGY)
        self._plan(0)
        self._wire.speak("I'll reproduce the failure first.")
        self._prove()
        self._plan(1)
        self._wire.speak("An assertion about expired entries fails; let me read the function.", thought=True)
        self._tool("Read", "read", {"path": str(self._path)}, ["head", "-4", str(self._path)])
        self._spent(0)
        self._plan(2)
        self._wire.speak("The subtraction goes below zero for an expired entry. I want to clamp it.")
        if not self._edit():
            self._wire.speak("Understood, I leave the file as it is.")
            return
        self._plan(3)
        self._prove()
        self._plan(4)
        self._spent(1)
        for message in self._wire.heard:
            self._wire.speak(f"You said: {message}")
        self._wire.speak("Repaired: an expired entry now has **0** days left, and the self-test passes.")

    def _plan(self, done: int) -> None:
        states = ["completed"] * done + ["in_progress"] + ["pending"] * len(STEPS)
        entries = [
            {"content": step, "priority": "medium", "status": state}
            for step, state in zip(STEPS, states, strict=False)
        ]
        self._wire.update("plan", entries=entries)

    def _spent(self, at: int) -> None:
        taken, given, dollars = SPENT[at]
        cost = {"amount": dollars, "currency": "USD"}
        self._wire.update("usage_update", used=taken + given, size=200_000, cost=cost)

    def _prove(self) -> None:
        argv = [sys.executable, str(self._path)]
        self._tool("Bash", "execute", {"command": f"python {self._path.name}"}, argv)

    def _tool(self, name: str, kind: str, told: dict[str, Any], argv: list[str]) -> None:
        """Run a command as a tool call."""
        call = f"call-{next(self._calls)}"
        begun = {"title": name, "name": name, "kind": kind, "status": "in_progress", "rawInput": told}
        self._wire.update("tool_call", toolCallId=call, **begun)
        rest(0.4)
        self._wire.look()
        ran = subprocess.run(argv, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        status = "completed" if ran.returncode == 0 else "failed"
        output = (ran.stdout + ran.stderr).strip()
        exit_code = {"terminal_exit": {"exit_code": ran.returncode}}
        self._wire.update(
            "tool_call_update", toolCallId=call, status=status, rawOutput=output, _meta=exit_code
        )

    def _edit(self) -> bool:
        """Ask for permission, change the file, and tell what changed."""
        diff = {"type": "diff", "path": str(self._path), "oldText": BUGGY, "newText": REPAIRED}
        call = {
            "toolCallId": f"call-{next(self._calls)}",
            "name": "Edit",
            "title": "Edit expiry.py",
            "kind": "edit",
        }
        if not self._wire.may({**call, "content": [diff]}):
            return False
        self._path.write_text(REPAIRED)
        rest(0.2)
        self._wire.update("tool_call_update", **call, status="completed", content=[diff])
        return True


def main() -> None:
    """Serve prompts until the client goes."""
    wire, calls = Wire(), count(1)
    while prompt := wire.prompt():
        reason = "end_turn"
        try:
            Repair(wire, Path.cwd(), calls).run()
        except CanceledError:
            reason = "cancelled"
        taken, given, _ = SPENT[1]
        usage = {"inputTokens": taken, "outputTokens": given, "totalTokens": taken + given}
        wire.send(id=prompt["id"], result={"stopReason": reason, "usage": usage})


if __name__ == "__main__":
    main()
