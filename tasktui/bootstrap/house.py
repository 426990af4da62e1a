"""Everything that one owner has, opened and closed in order: the file that knows every part."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Final, Literal, Self

from tasktui import __version__
from tasktui.artifacts.files import FileArtifacts
from tasktui.bootstrap.repairs import Repaired, keep_repair
from tasktui.bootstrap.webhook import telling
from tasktui.config import Config
from tasktui.domain.errors import FencedError, TasktuiError
from tasktui.domain.ports.executor import Executor
from tasktui.domain.ports.store import Store
from tasktui.domain.status import Kind
from tasktui.executors.agents.executor import AgentExecutor
from tasktui.executors.agents.presets import with_own
from tasktui.executors.callables import CallableExecutor
from tasktui.executors.containers import Containers
from tasktui.executors.external import EXTERNAL, ExternalExecutor
from tasktui.executors.in_container import InContainer
from tasktui.executors.in_worktree import InWorktree
from tasktui.executors.launch import DEFAULT_GRACE_S
from tasktui.executors.outputs import FileOutputs
from tasktui.executors.process import Supervisor
from tasktui.executors.programs import SupervisedPrograms
from tasktui.executors.python_job import PythonJobExecutor
from tasktui.executors.python_kinds import PythonExecutor
from tasktui.executors.remote.executor import RemoteExecutor
from tasktui.executors.shell import ShellExecutor
from tasktui.executors.worktrees import Worktrees
from tasktui.manager.clock import RandomIds, SystemClock
from tasktui.manager.limits import Limits
from tasktui.manager.manager import LocalManager
from tasktui.service.offer import Offer
from tasktui.service.owner import OwnerLock
from tasktui.store.sqlite.store import SQLiteStore

log = logging.getLogger(__name__)
DATABASE = "tasktui.db"
TREE_S: Final = DEFAULT_GRACE_S + 1.0
"""What the manager waits longer than a process is given, so that the process's own supervisor kills it."""
CloseMode = Literal["detach", "cancel", "wait"]


def limits_of(config: Config) -> Limits:
    """Return the manager's numbers for these settings."""
    return Limits(
        lanes=config.lanes, default_lane=config.lane_limit, max_running=config.max_running,
        cancel_grace_s=config.cancel_grace_s + TREE_S, keep_s=config.keep_days * 86_400,
        keep_tasks=config.keep_tasks,
        keep_bytes=config.keep_bytes,
    )  # fmt: skip


class House:
    """The store, the processes, the files and the manager of a data directory, on the running loop."""

    def __init__(
        self, config: Config, lock: OwnerLock, executors: Mapping[str, Executor], store: Store | None
    ) -> None:
        self._config = config
        self._executors = executors
        self._store = store
        self._lock = lock
        self._containers = Containers(lock.home, config.container_program)
        self._stack = AsyncExitStack()
        self._mode: CloseMode = "detach"
        self.left_work = False
        """Once it was closed: whether there was work, down to what was asked for in the last moment."""
        self.manager: LocalManager
        self.fenced = asyncio.Event()
        """Set when another process took over: end without writing."""
        self.callables = CallableExecutor()
        """Takes the callables of an embedding program."""

    @classmethod
    async def open(
        cls,
        config: Config,
        lock: OwnerLock,
        *,
        executors: Mapping[str, Executor] | None = None,
        store: Store | None = None,
    ) -> Self:
        """Open all parts; what an earlier owner left running is taken over.

        Args:
            config: the settings.
            lock: of the data directory, held.
            executors: of custom work by name, of other kinds by the kind; they come before the own ones.
            store: where everything is kept; the data directory's database when None.

        A database that a newer version made is opened for reading.

        Raises:
            StoreError: the database cannot be opened.
            LaunchError: this system cannot run tasks.
        """
        house = cls(config, lock, executors or {}, store)
        try:
            await house._open()
        except BaseException:
            await house._stack.aclose()
            raise
        return house

    async def _open(self) -> None:
        home = self._lock.home
        clock = SystemClock()
        supervisor = Supervisor(home)
        await supervisor.start()
        self._stack.push_async_callback(supervisor.close)
        self._contain(supervisor)
        artifacts = FileArtifacts(home, clock, globs=self._config.artifact_globs)
        self._stack.push_async_callback(artifacts.close)
        self._stack.callback(self.callables.close)
        store = self._store or SQLiteStore(home / DATABASE)
        self.manager = LocalManager(
            home=home,
            store=store,
            executors={**self._own_executors(supervisor), **self._executors},
            artifacts=artifacts,
            outputs=FileOutputs(),
            clock=clock,
            ids=RandomIds(),
            limits=limits_of(self._config),
            on_fenced=self._on_fenced,
            version=__version__,
            programs=SupervisedPrograms(supervisor, grace_s=self._config.cancel_grace_s),
        )
        self._stack.push_async_callback(self._close_manager)
        await self.manager.open()
        if isinstance(store, SQLiteStore):
            self._tell_of(store)
        await self._announce()

    async def _announce(self) -> None:
        """Tell others of this owner, and the person's address of what comes from here on."""
        stats = await self.manager.stats()
        self._lock.announce(stats.epoch)
        told = self._config.webhook, self._config.webhook_on
        self._stack.enter_context(telling(self.manager, self._lock.home, *told, since=stats.events))

    def _own_executors(self, supervisor: Supervisor) -> dict[str, Executor]:
        cap, grace_s = self._config.output_cap_bytes, self._config.cancel_grace_s
        jobs = PythonJobExecutor(supervisor, output_cap_bytes=cap, grace_s=grace_s)
        agents = AgentExecutor(
            supervisor,
            presets=with_own(self._config.agents),
            may_allow_all=self._config.auto_approve,
            grace_s=grace_s,
            version=__version__,
        )
        worktrees, containers = Worktrees(self._lock.home), self._containers
        shell = ShellExecutor(supervisor, output_cap_bytes=cap, grace_s=grace_s)
        return {
            Kind.AGENT: InWorktree(InContainer(agents, containers, grace_s), worktrees),
            Kind.SHELL: InWorktree(InContainer(shell, containers, grace_s), worktrees),
            Kind.PYTHON: PythonExecutor(jobs, self.callables),
            Kind.REMOTE: RemoteExecutor(),
            EXTERNAL: ExternalExecutor(),
        }

    def _contain(self, supervisor: Supervisor) -> None:
        """Let runs be in containers, and remove in the background what a dead owner left of them."""
        supervisor.around = self._containers.around
        self._stack.push_async_callback(_ended, asyncio.ensure_future(self._containers.sweep()))

    def _tell_of(self, store: SQLiteStore) -> None:
        """Keep for a person what was done about a damaged database."""
        if store.repaired is not None:
            done = store.repaired
            repaired = Repaired(str(done.moved_to), done.rebuilt, done.unreadable)
            keep_repair(self._lock.home, repaired)
            log.warning("%s Unreadable: %s", repaired.sentence, ", ".join(repaired.unreadable) or "none")

    def _on_fenced(self, _: FencedError) -> None:
        self.fenced.set()

    async def _close_manager(self) -> None:
        # nobody can ask for anything any more, so this is how it stays
        with suppress(TasktuiError):
            self.left_work = await self.manager.busy() > 0
        await self.manager.close(self._mode)

    async def listen(self, offer: Offer | None = None) -> Callable[[], float]:
        """Begin to serve screens and commands; what is returned tells for how many seconds nobody asked.

        Args:
            offer: what is offered beside the owner's own sockets.
        """
        from tasktui.service.server import serving

        service = await self._stack.enter_async_context(
            serving(
                self.manager,
                self._lock,
                version=__version__,
                on_fenced=self.fenced.set,
                offer=offer or Offer(),
            )
        )
        return service.activity.idle_s

    async def close(self, mode: CloseMode = "detach") -> None:
        """Close all parts, the newest first.

        Args:
            mode: what becomes of the work: goes on under its shims, is canceled, or is waited for.
        """
        self._mode = mode
        await self._stack.aclose()


async def _ended(work: asyncio.Future[int]) -> None:
    work.cancel()
    await asyncio.wait({work})


def acquire(home: Path, *, take_over: bool = False) -> OwnerLock | None:
    """Become the owner of a data directory; None when another process is."""
    return OwnerLock.acquire(home, version=__version__, take_over=take_over)
