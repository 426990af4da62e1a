"""What a store does on a disk that fills up, or that becomes read-only: run inside a mount namespace."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from tasktui.domain.errors import StoreError
from tasktui.domain.events import work
from tasktui.domain.query import EVERYTHING
from tasktui.domain.rows import TaskRow
from tasktui.store.sqlite.reader import Reader
from tasktui.store.sqlite.store import SQLiteStore
from tests.contract.facts import created, put, running
from tests.faults.full_disk_worker import fill


def say(line: str) -> None:
    """Tell the test."""
    sys.stdout.write(f"{line}\n")


async def _begun(folder: Path) -> SQLiteStore:
    store = SQLiteStore(folder / "tasktui.db")
    await store.open()
    await running(store, "a")
    return store


async def _agrees(store: SQLiteStore) -> bool:
    row = await store.row("a")
    events = await store.read(task_id="a", limit=10_000)
    return isinstance(row, TaskRow) and row.last_seq == len(events)


async def full(folder: Path) -> None:
    """Fill the disk, make room, go on."""
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(1024 * 1024))
    store = await _begun(folder)
    try:
        while True:
            await put(store, "a", work.MessageCompleted(content="x" * 20_000), run=1)
    except StoreError as exc:
        say(f"refused: {type(exc).__name__}")
    say(f"read: {await _agrees(store)}")
    ballast.unlink()
    await put(store, "b", created())
    await put(store, "a", work.MessageCompleted(content="x"), run=1)
    say(f"resumed: {await _agrees(store)}")
    await store.close()


async def full_at_rest(folder: Path) -> None:
    """Read what was closed in good order before the disk was full."""
    store = await _begun(folder)
    await store.close()
    fill(folder / "ballast")
    with Reader.open(folder / "tasktui.db") as reader:
        say(f"plain: {len(reader.page(EVERYTHING).items) == 1}")
    try:
        await store.open()
    except StoreError as exc:
        say(f"opened: {type(exc).__name__}")
    await store.close()
    (folder / "ballast").unlink()
    await store.open()
    await put(store, "a", work.MessageCompleted(content="x"), run=1)
    say(f"resumed: {await _agrees(store)}")
    await store.close()


def _remount(folder: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how},size=3m", "tasktui", str(folder)], check=True, timeout=10)


async def readonly(folder: Path) -> None:
    """Lose the right to write, and get it back."""
    store = await _begun(folder)
    await store.close()
    _remount(folder, "ro")
    store = SQLiteStore(folder / "tasktui.db")
    try:
        await store.open()
    except StoreError as exc:
        say(f"refused: {type(exc).__name__}")
    say(f"read: {await _agrees(store)}")
    await store.close()
    _remount(folder, "rw")
    await store.open()
    await put(store, "a", work.MessageCompleted(content="x"), run=1)
    say(f"resumed: {await _agrees(store)}")
    await store.close()
    _remount(folder, "ro")
    try:
        await store.open()
    except StoreError as exc:
        say(f"opened: {type(exc).__name__}")
    say(f"read: {await _agrees(store)}")
    with Reader.open(folder / "tasktui.db") as reader:
        say(f"plain: {len(reader.page(EVERYTHING).items) == 1}")
    await store.close()


if __name__ == "__main__":
    asyncio.run({"full": full, "at rest": full_at_rest, "readonly": readonly}[sys.argv[1]](Path(sys.argv[2])))
