"""Files that the manager writes for a task: private, whole or not at all, never over another."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import stat
from pathlib import Path

import pytest

from tasktui.artifacts.files import FileArtifacts
from tasktui.domain.errors import InvalidError
from tasktui.domain.events.work import ArtifactAdded
from tasktui.manager.clock import SystemClock


class StandingClock(SystemClock):
    """It is always the same millisecond."""

    def now(self) -> int:
        return 1_700_000_000_123


@pytest.mark.feature(125, 126)
async def test_files_of_one_label_and_millisecond_are_all_kept_and_private(own_home: Path) -> None:
    artifacts = FileArtifacts(own_home, StandingClock())
    texts = [f"text {number}".encode() for number in range(20)]
    facts = await asyncio.gather(
        *(artifacts.write("t1", "../odd näme", text, role="result") for text in texts)
    )
    folder = own_home / "artifacts" / "t1"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    written = sorted(folder.iterdir())
    assert sorted(file.read_bytes() for file in written) == sorted(texts)
    assert all(file.name.startswith("20231114T221320.123Z_") and "/" not in file.name for file in written)
    assert {stat.S_IMODE(file.stat().st_mode) for file in written} == {0o600}
    for fact, text in zip(facts, texts, strict=True):
        assert isinstance(fact, ArtifactAdded)
        assert (fact.size, fact.sha256) == (len(text), hashlib.sha256(text).hexdigest())
        assert (fact.mime, fact.source, fact.summary) == ("text/plain", "manager", text.decode())
    await artifacts.close()


@pytest.mark.feature(125)
async def test_a_name_that_is_drawn_again_is_drawn_anew(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter(["aaaa", "aaaa", "bbbb", "aaaa", "bbbb", "cccc"])
    monkeypatch.setattr(secrets, "token_hex", lambda _size: next(drawn))
    artifacts = FileArtifacts(own_home, StandingClock())
    await asyncio.gather(*(artifacts.write("t1", "x", text, role="log") for text in (b"1", b"2")))
    await artifacts.write("t1", "x", b"3", role="log")
    written = sorted((own_home / "artifacts" / "t1").iterdir())
    assert [file.read_bytes() for file in written] == [b"1", b"2", b"3"]
    await artifacts.close()


@pytest.mark.feature(125)
@pytest.mark.parametrize("task_id", ["../up", "a/b", ""])
async def test_an_id_that_leads_elsewhere_writes_nothing(own_home: Path, task_id: str) -> None:
    artifacts = FileArtifacts(own_home, SystemClock())
    with pytest.raises(InvalidError):
        await artifacts.write(task_id, "x", b"y", role="log")
    assert not own_home.exists()
    await artifacts.close()
