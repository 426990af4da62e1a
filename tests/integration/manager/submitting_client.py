"""A client as a process of its own: `python submitting_client.py <client> <clients> <number> <keys>`.

It submits its share of the numbered requests to the owner of `TASKTUI_HOME`, and prints which task it got for
each, as JSON; an empty word where its key was taken.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from tasktui.domain.errors import OwnerError, TaskConflictError
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.service.client import RemoteManager

MODES = ("raise", "return", "queue", "cancel")


def request(number: int, keys: int) -> TaskSpec:
    """The same number asks for the same, whoever asks."""
    return TaskSpec.model_validate({
        "work": ShellWork(command="quick"), "on_conflict": MODES[number % len(MODES)],
        "exclusive_key": f"k{number % keys}", "lane": f"l{number % 3}",
        "idempotency_key": f"n{number}" if number % 5 == 0 else None,
    })  # fmt: skip


def shares(client: int, clients: int, number: int) -> list[int]:
    """Each number is asked for by two clients: an idempotency key makes them one."""
    return [n for n in range(number) if n % clients in {client, (client + 1) % clients}]


async def _submit(manager: RemoteManager, number: int, keys: int, task_id: str) -> tuple[int, str]:
    """Submit until there is an answer; an owner that is too busy to answer may have taken it already."""
    while True:
        try:
            return number, (await manager.submit(request(number, keys), task_id=task_id)).id
        except TaskConflictError as exc:
            return number, task_id if exc.details.get("holder") == task_id else ""
        except OwnerError:
            await asyncio.sleep(0.5)


async def main(client: int, clients: int, number: int, keys: int) -> None:
    manager = RemoteManager(Path(os.environ["TASKTUI_HOME"]))
    got = [await _submit(manager, one, keys, f"t{client}-{one}") for one in shares(client, clients, number)]
    await manager.close()
    sys.stdout.write(json.dumps(got))


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
