"""A file that the manager is about to write is neither new nor gone to the watch of its directory."""

from __future__ import annotations

import os
from pathlib import Path

from tasktui.artifacts.watched import Watched
from tasktui.domain.events.work import ArtifactRemoved


def test_an_expected_file_is_not_gone_before_it_is_there(tmp_path: Path) -> None:
    watched = Watched(os.fsencode(tmp_path), prefix=b"artifacts/t/", since=0, known=())
    watched.expect(b"result.txt", 4)
    assert watched.rescan() == []
    assert watched.touched(b"result.txt") == []
    (tmp_path / "result.txt").write_text("done")
    assert watched.rescan() == []
    (tmp_path / "result.txt").unlink()
    assert [type(fact) for fact in watched.rescan()] == [ArtifactRemoved]
