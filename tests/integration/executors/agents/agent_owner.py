"""An owner to be killed: starts one task of the scripted agent, prints its id, and stays.

Lines of its standard input are sent to the agent as messages, and a line is printed once each is stored.

Usage: python agent_owner.py HOME WORK PROMPT [AGENTS]    where the last is JSON, of which `far` is asked
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from tasktui.domain.requests import Message
from tests.integration.executors.agents.talks import a_house, asks, submit


async def main() -> None:
    """Own the home until somebody kills this."""
    home, work, prompt, *agents = sys.argv[1:]
    own = {"agents": json.loads(agents[0])} if agents else {}
    async with a_house(Path(home), **own) as house:
        spec = asks(prompt, Path(work), agent="far" if own else "play")
        task = await submit(house, spec)
        print(task, flush=True)  # noqa: T201 (what was acknowledged)
        while line := await asyncio.to_thread(sys.stdin.readline):
            sent = await house.manager.intervene(task, Message(line.strip(), mode="queue"))
            print(sent.intervention_id, flush=True)  # noqa: T201 (what was acknowledged)
        await asyncio.Event().wait()


asyncio.run(main())
