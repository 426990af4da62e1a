"""Checks of other programs: coding agents, git, containers; none is needed, and none is run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from tasktui.cli.checks.finding import Finding
from tasktui.config import Config
from tasktui.executors.agents.presets import whereabouts, with_own

_ENGINES = ("podman", "docker")


def look(config: Config) -> Iterator[Finding]:
    """Yield what was found."""
    found, missing = [], []
    for name, preset in with_own(config.agents).items():
        path = whereabouts(preset)
        if path is None:
            missing.append(name)
        else:
            found.append(f"{name} ({path})")
    without = f"; not installed: {', '.join(missing)}" if missing else ""
    yield Finding("note", "agents", f"{', '.join(found) or 'none'}{without}")
    engine = config.container_program or next(filter(shutil.which, _ENGINES), None)
    helpers = {"git (worktrees)": shutil.which("git"), "containers": engine and shutil.which(engine)}
    yield Finding(
        "note", "programs", ", ".join(f"{name}: {path or 'none'}" for name, path in helpers.items())
    )
