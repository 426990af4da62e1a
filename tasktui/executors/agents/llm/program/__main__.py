"""An agent for a person who has only a key: `python -P -m tasktui.executors.agents.llm.program [--model M]`.

It speaks the Agent Client Protocol on its standard streams, so that it is run as any other agent is. Which
model and whose key it is told by the names of variables: a key is in no argument and in no message.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from typing import Final

from tasktui.executors.agents.llm.program.choice import Choice
from tasktui.executors.agents.llm.program.serving import serve
from tasktui.executors.agents.llm.program.wire import Wire

LONGEST: Final = 64 << 20
"""Bytes of one line of the client: it may hold whole files."""


def main() -> None:
    """Serve prompts until the client goes."""
    parser = argparse.ArgumentParser(prog="tasktui-llm")
    parser.add_argument("--model", help="PROVIDER:MODEL, before the variable LLM_MODEL")
    given = parser.parse_args()
    asyncio.run(_run(Choice.made(os.environ, given.model)))


async def _run(choice: Choice) -> None:
    reader = asyncio.StreamReader(limit=LONGEST)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await serve(reader, Wire(sys.stdout.buffer), choice)


if __name__ == "__main__":
    main()
