"""The port of what runs the work, and what it has while it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from tasktui.domain.events.base import Data
from tasktui.domain.requests import OutputChunk
from tasktui.domain.rows import UnixMs
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Reason, Status


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an executor can do with a running task."""

    intervene: Literal["none", "queue", "steer", "interrupt"] = "none"
    approvals: bool = False
    resume: bool = False
    pause: bool = False
    reattach: bool = False
    """Whether the work outlives its owner."""
    remembers: bool = False
    """Whether it knows, over owners, which messages it handed to the work: it is given the others again."""
    external: bool = False
    """Whether the caller does the work: it starts at once, beside the lanes, and ends by `Manager.finish`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended."""

    status: Status
    reason: Reason
    evidence: str = ""
    source: str = "executor"
    result: str | None = None
    error: str | None = None
    error_code: str | None = None
    exit_code: int | None = None
    duration_ms: int | None = None
    """Measured by the shim where there is one; else the manager's own clock counts."""
    usage: Mapping[str, Any] | None = None
    retry_at_ms: UnixMs | None = None
    """For a failure that passes by itself: when the task may go on; it waits until then and runs again."""
    retry_why: str | None = None
    """What it waits for meanwhile, in words."""


class CancelScope(Protocol):
    """Whether the run is to stop."""

    @property
    def requested(self) -> bool:
        """Whether somebody asked."""
        ...

    @property
    def forced(self) -> bool:
        """Whether it is to be killed at once."""
        ...

    @property
    def why(self) -> Literal["", "user", "wall", "idle", "shutdown"]:
        """Who asks."""
        ...

    async def wait(self) -> None:
        """Return when a stop is asked for."""
        ...

    async def wait_forced(self) -> None:
        """Return when it is to be killed."""
        ...


class PauseScope(Protocol):
    """Whether the work is to stand still for a while."""

    @property
    def paused(self) -> bool:
        """Whether it is to stand still now."""
        ...

    async def wait(self, *, paused: bool) -> None:
        """Return when it is to stand still, or to go on."""
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message or answer on its way to the work."""

    intervention_id: str
    text: str
    mode: str
    user: str
    request_id: str | None = None
    decision: str | None = None
    attachments: tuple[str, ...] = ()


class RunContext(Protocol):
    """What an executor has while it runs one task."""

    task_id: str
    run: int
    spec: TaskSpec
    env: Mapping[str, str]
    """The whole environment for the work, `TASKTUI_*` included."""
    directory: Path
    """`tasks/<id>`."""
    artifacts: Path
    mark: str
    cancel: CancelScope
    pause: PauseScope
    """Only for executors that can; the wall deadline goes on meanwhile, the idle deadline rests."""
    adopted: bool
    """True when the work was started by an earlier owner."""
    position: int
    """The `position` of the newest persisted fact of this run that came with one; 0 when there is none."""
    unsettled: tuple[Delivery, ...]
    """Messages of an earlier owner's time without a verdict, oldest first, for executors that remember."""

    @property
    def has_subscribers(self) -> bool:
        """Whether anybody reads the task's events or looks at it now.

        A source of much that passes by, such as figures several times a second, may rest meanwhile.
        """
        ...

    def emit(self, data: Data, *, raw: bytes | None = None, position: int | None = None) -> None:
        """Report a fact: synchronous, ordered, never blocks.

        Args:
            data: the fact.
            raw: its JSON as it came, when that is valid as it stands.
            position: where the source stands after it, bytes; kept with the event (actor `task:<position>`),
                so that a later owner reads on from there and nothing is taken twice.
        """
        ...

    def output_grew(self) -> None:
        """Say that the output file is longer."""
        ...

    async def room(self) -> None:
        """Wait until the manager has taken most of what was reported: back-pressure for floods."""
        ...

    def inbox(self) -> AsyncIterator[Delivery]:
        """Messages and answers for the work, as they come."""
        ...

    async def told(self) -> Outcome:
        """Return how the caller says that the work ended: for work that its caller does."""
        ...

    def verdict(self, intervention_id: str, *, delivered: bool | None, detail: str | None = None) -> None:
        """Say what became of a message; None: nobody knows."""
        ...


class Outputs(Protocol):
    """Reads what a run wrote, while it runs and after."""

    def read(self, directory: Path, *, run: int, offset: int, limit: int) -> OutputChunk:
        """Return a stretch; a negative offset counts from the end.

        Args:
            directory: `tasks/<id>`.
            run: which run's output, from 1.
            offset: bytes in the logical output.
            limit: at most this many bytes.
        """
        ...

    def ends(self, directory: Path, *, run: int, limit: int) -> tuple[bytes, bytes]:
        """Return at most the first and the last `limit` bytes, for the full-text index."""
        ...


class Executor(Protocol):
    """Runs one kind of work."""

    def capabilities(self, spec: TaskSpec) -> Capabilities:
        """Return what it can do for this task."""
        ...

    async def check(self, spec: TaskSpec) -> None:
        """Refuse at submission what cannot run (missing directory).

        Raises:
            InvalidError: the request itself is wrong.
            UnavailableError: not now.
        """
        ...

    async def run(self, ctx: RunContext) -> Outcome:
        """Start the work, or take it over when `ctx.adopted`, and see it to its end."""
        ...


@runtime_checkable
class Keeper(Protocol):
    """An executor that keeps something for its tasks beside their directories."""

    async def forget(self, task_id: str) -> None:
        """Clear up behind a task that was deleted; one that it does not know is passed over."""
        ...
