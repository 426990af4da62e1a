"""How a program is started in a container: the words for podman and docker alike, pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tasktui.domain.spec import Container

PREFIX: Final = "tasktui-"
INSIDE: Final = ("TASKTUI_TASK_ID", "TASKTUI_RUN", "TASKTUI_MARK", "TASKTUI_ARTIFACTS")
"""Our own variables that mean something inside, too."""
SPARE_S: Final = 15.0
"""After the deadline of the run: when podman itself ends what nobody ended."""
_NAME: Final = re.compile(r"tasktui-(.+)-(\d{1,6})")


@dataclass(frozen=True, slots=True)
class Engine:
    """The program that makes containers."""

    path: str
    uid: int
    gid: int

    @property
    def is_podman(self) -> bool:
        """Whether it is podman, whose options differ a little."""
        return "podman" in Path(self.path).name


@dataclass(frozen=True, slots=True)
class Boxed:
    """One run that is to be started in a container."""

    id: str
    run: int
    mark: str
    home: str
    """A word for the data directory."""
    cwd: str
    artifacts: str
    timeout_s: float | None = None

    @property
    def name(self) -> str:
        """The container's name."""
        return f"{PREFIX}{self.id}-{self.run}"


def run_of(name: str) -> tuple[str, int] | None:
    """Return the task and the run that a container's name tells; None for a name that is not ours."""
    found = _NAME.fullmatch(name)
    return (found.group(1), int(found.group(2))) if found else None


def run_argv(
    engine: Engine, box: Container, run: Boxed, argv: Iterable[str], env: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return how a program is started in a container.

    Args:
        engine: what makes it.
        box: what was asked for.
        run: which run it is.
        argv: the program and its arguments, as inside.
        env: names of further variables that go inside; no value stands in the argv.
    """
    names = dict.fromkeys((*INSIDE, *box.env, *env))
    return (
        engine.path, "run", "--rm", "--interactive", "--init", f"--name={run.name}", *_labels(run),
        "--cap-drop=all", "--security-opt=no-new-privileges", *_user(engine), *_bounds(box),
        *_deadline(engine, run), *_mounts(box, run), f"--workdir={run.cwd}",
        *(f"--env={name}" for name in names), "--entrypoint=", box.image, *argv,
    )  # fmt: skip


def _labels(run: Boxed) -> tuple[str, ...]:
    labels = {"task": run.id, "run": str(run.run), "mark": run.mark, "home": run.home}
    return tuple(f"--label=tasktui.{name}={value}" for name, value in labels.items())


def _user(engine: Engine) -> tuple[str, ...]:
    """What it writes shall belong to the person outside."""
    if not engine.is_podman:
        return (f"--user={engine.uid}:{engine.gid}",)
    return ("--userns=keep-id",) if engine.uid else ()


def _bounds(box: Container) -> Iterator[str]:
    if box.read_only:
        yield "--read-only"
    if box.network is not None:
        yield f"--network={box.network}"
    if box.memory is not None:
        yield f"--memory={box.memory}"
    if box.cpus is not None:
        yield f"--cpus={box.cpus:g}"


def _deadline(engine: Engine, run: Boxed) -> tuple[str, ...]:
    if run.timeout_s is None or not engine.is_podman:
        return ()
    return (f"--timeout={math.ceil(run.timeout_s + SPARE_S)}",)


def _mounts(box: Container, run: Boxed) -> Iterator[str]:
    yield _mount(run.cwd, run.cwd, read_only=box.read_only)
    yield _mount(run.artifacts, run.artifacts, read_only=False)
    for mount in box.mounts:
        source, _, target = mount.removesuffix(":ro").partition(":")
        yield _mount(source, target or source, read_only=mount.endswith(":ro"))


def _mount(source: str, target: str, *, read_only: bool) -> str:
    return f"--mount=type=bind,source={source},target={target}" + (",readonly=true" if read_only else "")
