"""An owner that stands in the middle of a transaction. Usage: python mid_transaction_owner.py HOME"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import time
from pathlib import Path

from tasktui.bootstrap.house import DATABASE, House, acquire
from tasktui.config import load


async def owned(home: Path) -> None:
    """Make the database as an owner does, and keep the lock."""
    lock = acquire(home)
    if lock is None:
        raise SystemExit("the lock is held")
    house = await House.open(load({"home": home}).config, lock)
    await house.close("detach")


def main(home: Path) -> None:
    asyncio.run(owned(home))
    connection = sqlite3.connect(home / DATABASE, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    print("in the middle", flush=True)  # noqa: T201  # tells the test
    time.sleep(60)


main(Path(sys.argv[1]))
