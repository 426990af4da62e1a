"""The reader that commands and the first frame use: light to load, and true beside a living owner."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tasktui.domain.errors import NotFoundError, StoreError
from tasktui.domain.events import work
from tasktui.domain.query import EVERYTHING
from tasktui.store.sqlite.connecting import SCHEMA_VERSION
from tasktui.store.sqlite.reader import Reader
from tasktui.store.sqlite.store import SQLiteStore
from tests.contract.facts import created, ended, put, running

HEAVY = ("asyncio", "pydantic", "httpx", "textual", "aiosqlite", "click", "importlib.resources")


def test_it_loads_nothing_heavy() -> None:
    code = f"import sys, tasktui.store.sqlite.reader; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=50, check=True)
    assert done.stdout.strip() == b"[]"


async def test_it_reads_what_an_owner_is_writing(tmp_path: Path) -> None:
    path = tmp_path / "tasktui.db"
    store = SQLiteStore(path)
    await store.open()
    try:
        await running(store, "a", prompt="find the needle", metadata={"k": 1})
        with Reader.open(path) as reader:
            await put(store, "a", work.ToolStarted(call_id="1", name="bash"), run=1)
            await put(store, "b", created())
            assert [row.id for row in reader.page(EVERYTHING).items] == ["b", "a"]
            assert reader.counts() == await store.counts()
            assert reader.row("a") == await store.row("a")
            assert list(reader.read()) == list(await store.read())
            assert reader.timeline("a") == await store.timeline("a")
            assert reader.tools("a") == await store.tools("a")
            assert reader.search("needle") == await store.search("needle")
            detail = reader.detail("a")
            assert detail is not None
            assert detail.metadata == '{"k": 1}'
            assert '"find the needle"' in detail.spec
            assert reader.detail("nobody") is None
    finally:
        await store.close()


async def test_it_reads_after_the_owner_left_and_where_nothing_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "dir with ? and #" / "tasktui.db"
    path.parent.mkdir()
    store = SQLiteStore(path)
    await store.open()
    await ended(store, "a")
    await store.close()
    path.parent.chmod(0o500)
    with Reader.open(path) as reader:
        assert reader.check_version() == SCHEMA_VERSION
        assert [row.id for row in reader.page(EVERYTHING).items] == ["a"]
    path.parent.chmod(0o700)


def test_it_says_what_is_missing_or_wrong(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        Reader.open(tmp_path / "none.db")
    (tmp_path / "junk.db").write_bytes(b"junk" * 2000)
    with pytest.raises(StoreError, match="damaged"):
        Reader.open(tmp_path / "junk.db")


async def test_the_files_are_for_their_user_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = SQLiteStore(tmp_path / "tasktui.db")
        await store.open()
        await put(store, "a", created())
        modes = {entry.name: entry.stat().st_mode & 0o777 for entry in tmp_path.glob("tasktui.db*")}
        assert set(modes.values()) == {0o600}
        assert await store.size_bytes() >= 4096
        await store.close()
    finally:
        os.umask(before)


async def test_a_store_that_is_not_open_says_so(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "tasktui.db")
    with pytest.raises(StoreError, match="not open"):
        await store.row("a")
    with pytest.raises(StoreError, match="not open"):
        await store.commit([])
    missing = SQLiteStore(tmp_path / "nowhere" / "tasktui.db")
    with pytest.raises(StoreError, match="cannot be made"):
        await missing.open()
    await missing.close()
