"""A process that does not close its store ends nevertheless, and what was acknowledged is there."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from tasktui.store.sqlite.store import SQLiteStore

PROGRAM = """
import asyncio, sys
from pathlib import Path
from tasktui.store.sqlite.store import SQLiteStore
kept = []
async def main():
    store = SQLiteStore(Path(sys.argv[1]))
    kept.append(store)
    await store.open()
    raise SystemExit(7)
asyncio.run(main())
"""


def test_a_process_ends_with_its_store_open(tmp_path: Path) -> None:
    path = tmp_path / "tasktui.db"
    ended = subprocess.run([sys.executable, "-c", PROGRAM, str(path)], timeout=50, check=False)
    assert ended.returncode == 7
    asyncio.run(_readable(path))


async def _readable(path: Path) -> None:
    store = SQLiteStore(path)
    await store.open()
    assert await store.head() == 0
    await store.close()
