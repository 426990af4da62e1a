"""Podman or docker: found, asked to stop and to remove containers by their names, and swept of leftovers."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from tasktui.descriptors import lowered
from tasktui.domain.clean import decode, summarize
from tasktui.domain.errors import UnavailableError
from tasktui.domain.ports.executor import RunContext
from tasktui.executors.container_argv import Boxed, Engine, run_argv, run_of
from tasktui.executors.launch import Launch
from tasktui.executors.run_files import is_locked, read_head

USED: Final = "containers"
"""A file of the data directory: its owners have containers to look for at their start."""
PROGRAMS: Final = ("podman", "docker")
LONGEST_S: Final = 30.0
"""For a command to the engine, beyond what it was told to wait."""

log = logging.getLogger(__name__)


class Containers:
    """Those of one data directory."""

    def __init__(self, home: Path, program: str = "") -> None:
        """Take the place.

        Args:
            home: the data directory.
            program: podman, docker, or a path to one of them; the first that is found when empty.
        """
        self._home = home
        self._program = program
        self.runs: dict[str, RunContext] = {}
        """Runs that are to be in a container, by their tasks."""
        self._word = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]

    def engine(self, env: Mapping[str, str] | None = None) -> Engine:
        """Return the program that makes containers.

        Raises:
            UnavailableError: there is none.
        """
        path = os.environ.get("PATH") if env is None else env.get("PATH")
        wanted = (self._program,) if self._program else PROGRAMS
        found = next((at for name in wanted if (at := shutil.which(name, path=path))), None)
        if found is None:
            raise UnavailableError(
                f"A container needs {' or '.join(wanted)}, and it is not in the PATH: "
                "install one, or name it by the setting container_program."
            )
        return Engine(found, os.getuid(), os.getgid())

    def around(self, launch: Launch) -> Launch:
        """Return how a run is started: in its container, if it is to have one.

        Raises:
            UnavailableError: there is nothing that makes containers.
        """
        ctx = self.runs.get(launch.id)
        if ctx is None or ctx.spec.container is None:
            return launch
        run = Boxed(
            ctx.task_id, ctx.run, ctx.mark, self._word, str(launch.cwd), str(ctx.artifacts), launch.timeout_s
        )
        (self._home / USED).touch(mode=0o600)
        own = [name for name in launch.env if name not in ctx.env]
        engine = self.engine(launch.env)
        return replace(launch, argv=run_argv(engine, ctx.spec.container, run, launch.argv, own))

    async def stop(self, name: str, *, grace_s: float) -> None:
        """Ask what runs in a container to end; it is killed after the grace."""
        await self._tell("stop", f"--time={max(1, round(grace_s))}", name, spare_s=grace_s)

    async def remove(self, name: str) -> None:
        """Kill and remove a container; one that is not there is as well."""
        await self._tell("rm", "--force", "--volumes", name)

    async def sweep(self) -> int:
        """Remove containers of this data directory whose run is not under way; return how many."""
        if not (self._home / USED).exists():
            return 0
        listed = await self._tell(
            "ps", "--all", f"--filter=label=tasktui.home={self._word}", "--format={{.Names}}"
        )
        gone = [name for name in listed.split() if not self._is_under_way(name)]
        for name in gone:
            await self.remove(name)
        if gone:
            log.info("%d containers were removed whose runs had ended", len(gone))
        return len(gone)

    def _is_under_way(self, name: str) -> bool:
        task = run_of(name)
        if task is None:
            return True
        directory = self._home / "tasks" / task[0]
        head = read_head(directory)
        return is_locked(directory) and (head is None or head.run == task[1])

    async def _tell(self, *words: str, spare_s: float = 0.0) -> str:
        """Return what the engine says; that it refuses or hangs is logged, for nothing depends on it."""
        try:
            process = await asyncio.create_subprocess_exec(
                *lowered([self.engine().path, *words]), stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
        except (OSError, UnavailableError) as exc:
            log.warning("no container can be told to %s: %s", words[0], exc)
            return ""
        try:
            async with asyncio.timeout(LONGEST_S + spare_s):
                said, complaint = await process.communicate()
        except TimeoutError:
            log.warning("the container program did not answer: %s", " ".join(words))
            return ""
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode:
            log.info("%s: %s", " ".join(words), summarize(decode(complaint)))
        return decode(said)
