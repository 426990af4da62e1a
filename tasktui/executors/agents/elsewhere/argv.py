"""How an agent at an address is reached: by a program of ours, talked with as any agent of the protocol."""

from __future__ import annotations

import sys

from tasktui.executors.agents.start import Start

PROGRAM = (sys.executable, "-P", "-m", "tasktui.executors.agents.elsewhere.program")


def argv(start: Start) -> tuple[str, ...]:
    """Return the command; the variable of the token is named in it, the token never is."""
    token = ("--token-env", start.preset.token_env) if start.preset.token_env else ()
    return (*PROGRAM, *token, "--", start.preset.url)
