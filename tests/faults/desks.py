"""The real program under a terminal, beside it what a person types elsewhere, and ways to look at both."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from bench.pty import PtyApp
from tasktui.domain.rows import TaskRow
from tasktui.service.asking import answers, call
from tasktui.service.owner import is_there, read_owner
from tasktui.store.sqlite.reader import Reader

PATIENCE_S = 30
"""How long something that surely comes may take on a busy machine."""
ROOT = Path(__file__).parents[2]
TASKTUI = (sys.executable, "-m", "tasktui")


def until(reached: Callable[[], object], within_s: float = PATIENCE_S, what: str = "") -> float:
    """Wait for a condition; return how long it took."""
    begun = time.monotonic()
    while not reached():
        assert time.monotonic() - begun < within_s, f"not within {within_s} s: {what}"
        time.sleep(0.01)
    return time.monotonic() - begun


@contextmanager
def dashboard(
    home: Path, *options: str, cols: int = 120, rows: int = 35, env: Mapping[str, str] | None = None
) -> Iterator[PtyApp]:
    """A dashboard that has its manager; whoever owns the directory afterwards is ended."""
    argv = [*TASKTUI, "--home", str(home), *options]
    try:
        with PtyApp(argv, cols=cols, rows=rows, cwd=ROOT, env=env) as app:
            app.wait_screen(lambda lines: "tasktui" in lines[0])
            app.wait_screen(lambda lines: "connect" not in lines[0])
            until(lambda: answers(home), what="the owner answers")
            yield app
    finally:
        end_owner(home)


@contextmanager
def served(
    home: Path, *options: str, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A real `tasktui serve` that answers."""
    process = serve(home, *options, env=env)
    try:
        until(lambda: owned_by(home, process.pid) or process.poll() is not None, what="serve answers")
        assert process.poll() is None, f"serve ended with {process.returncode}"
        yield process
    finally:
        end(process)
        end_owner(home)


def serve(home: Path, *options: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start a `tasktui serve`."""
    home.parent.mkdir(exist_ok=True, parents=True)
    with (home.parent / "serve.log").open("ab") as log:
        return subprocess.Popen(
            [*TASKTUI, "--home", str(home), "serve", *options],
            cwd=ROOT, env=os.environ | dict(env or {}), stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip


def address(home: Path) -> str:
    """Return where a `serve --listen` says that it listens, once it says so."""
    log, told = home.parent / "serve.log", ""

    def has_said() -> bool:
        nonlocal told
        told = next((line for line in log.read_text().splitlines(True) if line.startswith("http")), "")
        return told.endswith("\n")

    until(has_said, what="serve says where it listens")
    return told.strip()


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process whatever state it is in."""
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=5)


def end_owner(home: Path) -> None:
    """End the owner that a screen left in the background, one that it only asked for, and their tasks."""
    for _ in range(3):  # a screen that ends may hand over to another
        owners = _owners(home)
        for owner in owners:
            with suppress(psutil.Error):
                owner.terminate()
                owner.resume()
        for owner in psutil.wait_procs(owners, timeout=PATIENCE_S)[1]:
            owner.kill()
        if not owners:
            break
    for directory in (home / "tasks").glob("*"):
        _end_task(directory)


def _owners(home: Path) -> list[psutil.Process]:
    """Who owns the directory, and who was started to."""
    info = read_owner(home)
    # a number that nobody took away may be another process's by now
    pid = info.pid if info is not None and is_there(home, info) else 0
    return [one for one in psutil.process_iter() if one.pid != os.getpid() and _owns(one, home, pid)]


def _owns(process: psutil.Process, home: Path, pid: int) -> bool:
    if process.pid == pid:
        return True
    with suppress(psutil.Error):
        return "--background" in process.cmdline() and process.environ().get("TASKTUI_HOME") == str(home)
    return False


def gone(process: psutil.Process) -> bool:
    """Whether a process has ended, be it that nobody has taken note of that yet."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def stop(pid: int) -> None:
    """Stop a process, and return once every thread of it stands still."""
    os.kill(pid, signal.SIGSTOP)
    until(lambda: all(map(_stands_still, Path(f"/proc/{pid}/task").iterdir())), what=f"{pid} is stopped")


def stop_between_writes(home: Path, pid: int) -> None:
    """Stop an owner while it writes nothing: one that has the database is killed by who takes over."""

    def has_stopped() -> bool:
        stop(pid)
        with closing(sqlite3.connect(home / "tasktui.db", timeout=0, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
            except sqlite3.OperationalError:
                os.kill(pid, signal.SIGCONT)
                return False
        return True

    until(has_stopped, what=f"{pid} writes nothing")


def _stands_still(thread: Path) -> bool:
    try:
        return (thread / "stat").read_text().rpartition(")")[2].split()[0] == "T"
    except OSError:  # it has ended
        return True


def _end_task(directory: Path) -> None:
    with suppress(OSError, ValueError, KeyError, psutil.Error):
        status = directory / "status.json"
        shim = psutil.Process(int(json.loads((directory / "run.json").read_bytes())["shim"]))
        if not status.exists() and shim.cwd().startswith(str(directory)):
            for process in (*shim.children(recursive=True), shim):
                process.kill()


def owned_by(home: Path, pid: int) -> bool:
    """Whether this process is the owner, and answers."""
    info = read_owner(home)
    return info is not None and info.pid == pid and answers(home)


def submit(home: Path, command: str | list[str], **fields: Any) -> str:
    """Ask the owner for a shell task; return its id."""
    work: dict[str, Any] = {"kind": "shell"}
    work |= {"command": command} if isinstance(command, str) else {"argv": command}
    env = fields.pop("env", dict(os.environ))
    spec = {"work": work, "cwd": "/", **fields}
    made = call(home, "POST", "/v1/tasks", {"spec": spec, "env": env})
    return str(made["id"])


def waiting(home: Path, go: Path, name: str = "kept") -> str:
    """Submit a task that ends with 7 once told to, and see it run."""
    made = submit(home, f"echo up; until [ -e {go} ]; do sleep 0.05; done; exit 7", name=name)
    until((home / "tasks" / made / "out.log").exists, what="the task runs")
    return made


def task(home: Path, task_id: str) -> dict[str, Any]:
    """Return a task as the owner tells it."""
    return call(home, "GET", f"/v1/tasks/{task_id}")


def stored(home: Path, task_id: str) -> TaskRow:
    """Return a task as it is stored; its owner may leave once the work is done."""
    with Reader.open(home / "tasktui.db") as reader:
        row = reader.row(task_id)
    assert row is not None, f"there is no {task_id}"
    return row


def tasktui(
    *words: str, timeout_s: float = 50, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command that a person types, not on a terminal."""
    return subprocess.run(
        [*TASKTUI, *words], cwd=ROOT, env=os.environ | dict(env or {}), capture_output=True, text=True,
        timeout=timeout_s, check=False,
    )  # fmt: skip


def shows(*words: str) -> Callable[[list[str]], bool]:
    """Whether the screen shows all these words."""
    return lambda lines: all(any(word in line for line in lines) for word in words)


def text(app: PtyApp) -> str:
    """Return the screen as text."""
    return "\n".join(app.screen())
