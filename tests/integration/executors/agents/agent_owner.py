"""An owner to be killed: starts one task of the scripted agent, prints its id, and stays.

Usage: python agent_owner.py HOME WORK PROMPT
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.integration.executors.agents.talks import a_house, asks, submit


async def main() -> None:
    """Own the home until somebody kills this."""
    home, work, prompt = sys.argv[1:]
    async with a_house(Path(home)) as house:
        print(await submit(house, asks(prompt, Path(work))), flush=True)  # noqa: T201 (what was acknowledged)
        await asyncio.Event().wait()


asyncio.run(main())
