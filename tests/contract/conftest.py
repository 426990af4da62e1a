"""Every store that ships, under one contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tasktui.domain.ports.store import Store
from tasktui.store.memory import MemoryStore
from tasktui.store.sqlite.store import SQLiteStore


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An open, empty store."""
    made: Store = MemoryStore() if request.param == "memory" else SQLiteStore(tmp_path / "tasktui.db")
    await made.open()
    yield made
    await made.close()
