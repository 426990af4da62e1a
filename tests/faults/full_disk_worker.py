"""A dashboard on a disk that fills up while tasks run: run inside a mount namespace; says what it saw."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tasktui.domain.errors import TasktuiError
from tasktui.service.asking import call
from tests.faults.desks import dashboard, shows, submit, task, tasktui, until


def say(line: str) -> None:
    """Tell the test."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def degraded(home: Path) -> str | None:
    told = call(home, "GET", "/v1/stats")["degraded"]
    return None if told is None else str(told)


def fill(ballast: Path) -> None:
    with suppress(OSError), ballast.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1 << 9, 1):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))


def refused(home: Path, ask: Callable[[], object]) -> str:
    """Ask again and again until it is refused for want of room; return the class."""
    for _ in range(300):
        try:
            ask()
        except TasktuiError as exc:
            return type(exc).__name__
    return "nothing"


def main(home: Path, outside: Path) -> None:
    """Fill the disk, look, make room, look again."""
    go = outside / "go"
    with dashboard(home) as app:
        kept = submit(
            home, f"echo begun; until [ -e {go} ]; do sleep 0.05; done; echo end; exit 5", name="kept"
        )
        until((home / "tasks" / kept / "out.log").exists)
        other = submit(home, "true", held=True)
        fill(home / "ballast")
        say(f"submit refused: {refused(home, lambda: submit(home, 'true')) != 'nothing'}")
        say(f"act refused: {refused(home, lambda: call(home, 'POST', f'/v1/tasks/{other}/hold', {}))}")
        until(lambda: degraded(home))
        say("stats tell")
        app.wait_screen(shows("wait to be stored"))
        say("banner tells")
        listed = tasktui("--home", str(home), "ls")
        say(f"ls reads: {listed.returncode == 0 and 'kept' in listed.stdout}")
        say(f"task goes on: {task(home, kept)['status'] == 'running'}")
        go.touch()
        (home / "ballast").unlink()
        until(lambda: degraded(home) is None)
        say("resumes")
        until(lambda: task(home, kept)["status"] == "failed")
        say(f"code: {task(home, kept)['exit_code']}")
        app.wait_screen(lambda lines: not shows("wait to be stored")(lines))
        say("banner gone")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
