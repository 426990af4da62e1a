"""The way to an agent at an address: `python -P -m … [--token-env NAME] URL`.

It speaks the Agent Client Protocol on its standard streams, so that it is run as any other agent is, and
over a WebSocket or HTTP with the agent. A token it knows by the name of a variable alone.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from typing import Final
from urllib.parse import urlsplit

from tasktui.executors.agents.elsewhere.address import INSTALL
from tasktui.executors.agents.elsewhere.program.bridge import Bridge
from tasktui.executors.agents.elsewhere.program.carrier import Carrier, Ends
from tasktui.executors.agents.elsewhere.program.trouble import Place, no_token, not_installed

LONGEST: Final = 64 << 20
"""Bytes of one line of the client: it may hold whole files."""
ANSWER_S: Final = 60.0
SILENCE_S: Final = 90.0
"""Servers that say that they are alive do so each 15 s or 30 s."""


def main() -> None:
    """Carry a talk until the client goes."""
    parser = argparse.ArgumentParser(prog="tasktui-acp")
    parser.add_argument("url")
    parser.add_argument("--token-env", help="the variable with the token")
    parser.add_argument(
        "--answer-s", type=float, default=ANSWER_S, help="how long the agent may take to answer"
    )
    parser.add_argument("--silence-s", type=float, default=SILENCE_S, help="after which it is given up")
    given = parser.parse_args()
    bridge = Bridge(sys.stdout.buffer, Place(given.url), given.answer_s, given.silence_s)
    asyncio.run(_run(bridge, given.token_env))


async def _run(bridge: Bridge, token_env: str | None) -> None:
    reader = asyncio.StreamReader(limit=LONGEST)
    loop = asyncio.get_running_loop()
    input_, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    loop.add_signal_handler(signal.SIGTERM, input_.close)
    headers: dict[str, str] = {}
    if token_env is not None:
        token = os.environ.pop(token_env, "").strip()
        if trouble := no_token(token_env, token):
            bridge.fail(trouble)
        else:
            bridge.hide(token)
            headers["authorization"] = f"Bearer {token}"
    await bridge.run(reader, headers, _carrier)


def _carrier(ends: Ends) -> Carrier:
    scheme = urlsplit(ends.place.url).scheme
    try:
        if scheme in {"ws", "wss"}:
            from tasktui.executors.agents.elsewhere.program.websocket import WebSocket

            return WebSocket(ends)
        from tasktui.executors.agents.elsewhere.program.streams import Streams
    except ImportError as exc:
        raise not_installed(INSTALL) from exc
    return Streams(ends)


if __name__ == "__main__":
    main()
