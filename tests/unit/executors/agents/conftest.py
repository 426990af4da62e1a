"""The output of an agent that tests write, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.executors.agents.owners import Stream


@pytest.fixture
def stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stream]:
    """A stream that is kept in the current directory."""
    monkeypatch.chdir(tmp_path)
    stream = Stream()
    yield stream
    stream.close()
