"""Every store and every manager that ships, each under one contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tasktui.domain.ports.store import Store
from tasktui.store.memory import MemoryStore
from tasktui.store.sqlite.store import SQLiteStore
from tests.contract.managers import MANAGERS, Room
from tests.sshd import Sshd, sshd

OVER_SSH = frozenset({"test_manager_contract", "test_manager_streams"})
"""What is always run over ssh, too; all is run over the same pipes without it."""


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An open, empty store."""
    made: Store = MemoryStore() if request.param == "memory" else SQLiteStore(tmp_path / "tasktui.db")
    await made.open()
    yield made
    await made.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test over every manager; over ssh, where each takes a login, most of them only in the soak."""
    if "room" in metafunc.fixturenames:
        module = metafunc.module.__name__.rpartition(".")[2]
        marks = {} if module in OVER_SSH else {"ssh": [pytest.mark.soak]}
        managers = [pytest.param(name, marks=marks.get(name, ())) for name in MANAGERS]
        metafunc.parametrize("room", managers, indirect=True)


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """A machine to log in to."""
    with sshd(tmp_path_factory.mktemp("box") / "sshd") as running:
        yield running


@pytest.fixture
async def room(
    request: pytest.FixtureRequest, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Room]:
    """An open manager and the executor at its other end."""
    if request.param == "ssh":
        monkeypatch.setenv("PATH", request.getfixturevalue("box").path)
    async with MANAGERS[request.param](own_home) as opened:
        yield opened
