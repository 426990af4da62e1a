"""The demo's tasks: real processes that do real, small work."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tasktui.cli.demo.preset import AGENT
from tasktui.domain.spec import AgentWork, ShellWork, TaskSpec

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager

LANE: Final = "gpu"
SLOTS: Final = range(1, 5)


def job(module: str, name: str, directory: Path, **options: object) -> TaskSpec:
    """Return the task that runs one of the demo's modules."""
    argv = (sys.executable, "-m", f"tasktui.cli.demo.{module}")
    return _spec(ShellWork(argv=argv), name, directory, **options)


def line(command: str, name: str, directory: Path, **options: object) -> TaskSpec:
    """Return a task for a shell line."""
    return _spec(ShellWork(command=command), name, directory, **options)


def _spec(work: ShellWork | AgentWork, name: str, directory: Path, **options: object) -> TaskSpec:
    return TaskSpec.model_validate({"work": work, "name": name, "cwd": str(directory), **options})


def tasks(directory: Path) -> Iterator[TaskSpec]:
    """Return what the demo runs, in the order of submission."""
    yield line("uname -sr; nproc; df -h . | tail -1", "describe this machine", directory, tags=("info",))
    yield job("build", "build the package", directory, tags=("build",))
    yield job("failing_tests", "run the unit tests", directory, tags=("test",))
    yield line("sleep 60", "wait for a server that never answers", directory, timeout_s=2.0)
    yield _spec(ShellWork(argv=("no-such-linter", "src")), "lint with a missing program", directory)
    repair = AgentWork(preset=AGENT, prompt="An expired entry has less than 0 days left. Fix it.")
    yield _spec(repair, "fix the expiry bug", directory, tags=("agent",))
    for number in SLOTS:
        yield job("lane_job", f"train model {number} of {len(SLOTS)}", directory, lane=LANE)
    yield job("long_log", "hash the archive", directory, tags=("log",))
    yield line("echo deployed", "deploy to production", directory, held=True, tags=("deploy",))
    yield line("sleep 30", "nightly cleanup", directory, priority=-5, held=True)


async def submit_all(manager: Manager, directory: Path, pace: float) -> list[str]:
    """Submit the tasks, cancel the last one, and return their ids."""
    directory.mkdir(mode=0o700, exist_ok=True)
    env = dict(os.environ) | {"DEMO_PACE": str(pace)}
    await manager.set_lane(LANE, limit=1)
    ids = [(await manager.submit(spec, env=env)).id for spec in tasks(directory)]
    await manager.cancel(ids[-1], by="the demo", reason="no cleanup tonight")
    return ids
