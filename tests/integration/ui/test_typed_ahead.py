"""What comes at once into a real terminal, as a slow link delivers it, does what it would do key by key."""

from __future__ import annotations

from pathlib import Path

from tests.faults.desks import dashboard, shows, submit, until


def test_a_task_is_made_and_looked_at_in_one_write(own_home: Path, tmp_path: Path) -> None:
    with dashboard(own_home) as app:
        submit(own_home, "true", held=True, name="stands")
        app.wait_screen(shows("stands"))
        # a new task, its command, queue it; then its output
        app.send(b"ntouch %s\n" % str(tmp_path / "made").encode())
        until((tmp_path / "made").exists, what="the command was run")
        app.wait_screen(shows("FINISHED 1", "touch "))
        app.send(b"/stands\rl4")
        app.wait_screen(shows("1 of 2", "[4 Out"))
