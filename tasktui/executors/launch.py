"""What one run of a process needs, how it ended, and what can keep it from starting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tasktui.domain.errors import StateError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DEFAULT_CAP_BYTES = 64 << 20
DEFAULT_GRACE_S = 3.0
MARK = "TASKTUI_MARK"
"""The variable by which leftovers of a run are found; it must be random for each run."""

FailureKind = Literal["no_program", "no_interpreter", "no_directory", "not_executable", "supervisor", "other"]
StopReason = Literal["term", "kill", "wall"]


class AlreadyRunError(StateError):
    """This run was started before; it is never started twice."""

    code = "ALREADY_RUN"


class LaunchError(UnavailableError):
    """The process that supervises a task could not be started."""

    code = "LAUNCH_FAILED"


@dataclass(frozen=True, slots=True)
class Launch:
    """One run to start."""

    id: str
    run: int
    directory: Path
    """The task's directory, absolute; made if missing. A former run's files move to ``run.<n>/`` in it."""
    argv: tuple[str, ...]
    """The program, looked up in the PATH of ``env`` unless it has a slash, and its arguments."""
    cwd: Path
    env: Mapping[str, str]
    """The whole environment; ``TASKTUI_MARK`` is added."""
    mark: str
    stdin: Literal["pipe", "null"] = "pipe"
    timeout_s: float | None = None
    grace_s: float = DEFAULT_GRACE_S
    output_cap_bytes: int = DEFAULT_CAP_BYTES
    patient: bool = False
    """Whether it waits while the disk takes none of its output, which must not have holes."""
    umask: int = 0o022


@dataclass(frozen=True, slots=True)
class SpawnFailure:
    """Why the program itself was never reached."""

    kind: FailureKind
    errno: int
    text: str


@dataclass(frozen=True, slots=True)
class ExitRecord:
    """How a run ended."""

    id: str
    run: int
    code: int | None = None
    """The exit code; None when it ended by a signal, never started, or nobody saw its end."""
    signal: int | None = None
    failure: SpawnFailure | None = None
    stopped: StopReason | None = None
    """What ended it, if it didn't end by itself."""
    lost: bool = False
    """The supervisor vanished without a record."""
    swept: int = 0
    """Leftover processes killed after a loss."""
    survivors: int = 0
    """Processes that could not be killed."""
    started_ms: int = 0
    """Since the epoch, by the wall clock."""
    ended_ms: int = 0
    duration_ms: int = 0
    """By the monotonic clock."""
    cpu_s: float = 0.0
    max_rss_kib: int = 0
    written: int = 0
    """Bytes of output, kept or not."""
    dropped: int = 0
    """Bytes of output that the cap or a full disk cost."""
