"""Every store and every manager that ships, each under one contract."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tasktui.domain.ports.store import Store
from tasktui.store.memory import MemoryStore
from tasktui.store.sqlite.store import SQLiteStore
from tests.contract.managers import MANAGERS, Room


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An open, empty store."""
    made: Store = MemoryStore() if request.param == "memory" else SQLiteStore(tmp_path / "tasktui.db")
    await made.open()
    yield made
    await made.close()


@pytest.fixture(params=MANAGERS)
async def room(request: pytest.FixtureRequest, own_home: Path) -> AsyncIterator[Room]:
    """An open manager and the executor at its other end."""
    async with MANAGERS[request.param](own_home) as opened, asyncio.timeout(25):
        yield opened
