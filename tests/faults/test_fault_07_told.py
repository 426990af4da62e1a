"""FAULTS 7, 8: a repair is told until it is read; SIGTERM to an owner that lost its screen hands over."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import psutil
import pytest

from tasktui.service.asking import answers
from tasktui.service.owner import read_owner
from tests.faults.desks import dashboard, end_owner, served, shows, submit, task, tasktui, text, until

pytestmark = pytest.mark.timeout(150)


def test_a_repair_is_told_on_the_dashboard_until_it_is_read(own_home: Path) -> None:
    with served(own_home):
        made = submit(own_home, "exit 3", name="kept")
        until(lambda: task(own_home, made).get("exit_code") == 3)
    for beside in own_home.glob("tasktui.db-*"):
        beside.unlink()
    (own_home / "tasktui.db").write_bytes(b"no database at all\n" * 4000)
    with dashboard(own_home) as app:
        try:
            app.wait_screen(shows("The database was damaged.", "kept"))
        except TimeoutError:
            raise AssertionError(text(app)) from None
    assert "damaged" in tasktui("--home", str(own_home), "doctor").stdout
    with dashboard(own_home) as again:
        again.wait_screen(shows("The database was damaged."))
        again.send(b"\x1b")
        again.wait_screen(lambda lines: shows("kept")(lines) and not shows("damaged")(lines))
    assert "damaged" not in tasktui("--home", str(own_home), "doctor").stdout
    log = own_home / "log" / "tasktui.log"
    assert re.search(r"WARNING tasktui\.bootstrap\.house: The database was damaged\.", log.read_text())
    assert log.stat().st_mode & 0o777 == 0o600


def test_sigterm_to_an_owner_that_lost_its_screen_hands_its_work_over(own_home: Path, tmp_path: Path) -> None:
    go = tmp_path / "go"
    try:
        with dashboard(own_home) as app:
            made = submit(own_home, f"until [ -e {go} ]; do sleep 0.05; done; exit 7", name="kept")
            until(lambda: task(own_home, made).get("status") == "running")
            app.hang_up()
            null = Path(os.devnull)
            until(
                lambda: Path(f"/proc/{app.process.pid}/fd/0").readlink() == null, what="the terminal let go"
            )
            app.process.send_signal(signal.SIGTERM)
            assert app.wait_exit() == 0
            until(lambda: answers(own_home), what="another owner")
            info = read_owner(own_home)
            assert info is not None
            assert info.pid != app.process.pid
            assert psutil.pid_exists(info.pid)
            go.touch()
            until(lambda: task(own_home, made).get("exit_code") == 7)
    finally:
        end_owner(own_home)
