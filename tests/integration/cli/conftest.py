"""A real `tasktui` in processes of its own: one data directory for each module, its owner ended by pid."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import psutil
import pytest

PATIENCE_S = 25
TIMEOUT_S = 150
"""Of each test here: many of them run twenty commands, each a process of its own."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a busy machine take its time for many commands."""
    for item in items:
        if Path(__file__).parent in item.path.parents and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TIMEOUT_S))


@dataclass
class Shell:
    """Runs `tasktui` as a person's shell does."""

    home: Path
    cwd: Path
    patience_s: ClassVar[float] = PATIENCE_S

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "TASKTUI_HOME": str(self.home), "TASKTUI_LANES": "one=1"}

    def __call__(self, *argv: str, stdin: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        source: dict[str, Any] = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        return subprocess.run(
            [sys.executable, "-m", "tasktui", *argv],
            text=True,
            capture_output=True,
            check=False,
            timeout=self.patience_s,
            env=self.env | env,
            cwd=self.cwd,
            **source,
        )

    def start(self, *argv: str, **options: Any) -> subprocess.Popen[str]:
        given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        return subprocess.Popen(
            [sys.executable, "-m", "tasktui", *argv], text=True, env=self.env, cwd=self.cwd, **given
        )

    def submit(self, *command: str, options: tuple[str, ...] = ()) -> str:
        ran = self("run", "-d", *options, "--", *command)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    def row(self, task_id: str) -> dict[str, Any]:
        found = [row for row in self.objects("ls", "--json", f"id:{task_id}") if row["id"] == task_id]
        assert len(found) == 1
        return found[0]

    def objects(self, *argv: str) -> list[dict[str, Any]]:
        ran = self(*argv)
        assert ran.returncode == 0, ran.stderr
        return [json.loads(line) for line in ran.stdout.splitlines()]

    def until(self, task_id: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + self.patience_s
        while not holds(row := self.row(task_id)):
            assert time.monotonic() < deadline, row
        return row

    def running(self, task_id: str) -> dict[str, Any]:
        return self.until(task_id, lambda row: row["status"] == "running")

    @property
    def owner(self) -> int | None:
        try:
            return int(json.loads((self.home / "owner.lock").read_bytes())["pid"])
        except (OSError, ValueError):
            return None

    def end(self) -> None:
        """End what runs, then the owner."""
        if self.owner is None:
            return
        self("cancel", "--all", "--force")
        waiting = [row["id"] for row in self.objects("ls", "--json", "!status:finished")]
        if waiting:
            self("wait", *waiting, "--timeout", "20s")
        pid = self.owner
        with suppress(psutil.NoSuchProcess):
            if pid is not None:
                process = psutil.Process(pid)
                process.send_signal(signal.SIGTERM)
                psutil.wait_procs([process], timeout=20)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """Tests of one module share their owner."""
    folder = tmp_path_factory.mktemp("cli")
    made = Shell(folder / "home", folder)
    yield made
    made.end()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Shell]:
    """A data directory of this test alone; no owner runs yet."""
    made = Shell(tmp_path / "home", tmp_path)
    yield made
    made.end()
