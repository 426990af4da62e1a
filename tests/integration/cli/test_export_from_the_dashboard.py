"""`E` on the real dashboard writes what `tasktui export` writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasktui.cli.export import write_tasks
from tasktui.cli.session import Session
from tasktui.domain.errors import InvalidError, NotFoundError
from tests.faults.desks import dashboard, shows, submit, task, tasktui, until


def test_a_report_and_a_bundle(own_home: Path, tmp_path: Path) -> None:
    with dashboard(own_home) as app:
        made = submit(own_home, "echo said by it", name="to keep")
        until(lambda: task(own_home, made)["status"] == "completed")
        app.wait_screen(shows("to keep", "1 done"))
        app.send(b"E")
        app.wait_screen(shows("Export this task", f"{made}.md"))
        report = tmp_path / "report.md"
        app.send(f"{report}\r".encode())
        app.wait_screen(shows("1 task in"))
        assert "to keep" in report.read_text()
        bundle = tmp_path / "all.ndjson"
        session = Session({"home": own_home})
        assert write_tasks(session, [made], bundle) == 1
        told = tasktui("--home", str(own_home), "export", made)
        assert bundle.read_text().splitlines()[1:] == told.stdout.splitlines()[1:]
        with pytest.raises(NotFoundError, match="not on this machine"):
            write_tasks(session, [made, "task_0000000000000000"], tmp_path / "more")
        with pytest.raises(InvalidError, match="cannot be written"):
            write_tasks(session, [made], tmp_path / "missing" / "file")
        assert not (tmp_path / "more").exists()
