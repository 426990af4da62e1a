"""Runs coding agents: each under a shim that outlives the owner, each by its own protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tasktui.domain.errors import InvalidError
from tasktui.domain.events.base import Data
from tasktui.domain.ports.executor import Capabilities, Outcome, RunContext
from tasktui.domain.spec import AgentWork, TaskSpec
from tasktui.executors.agents.conversation import Conversation
from tasktui.executors.agents.dialogue import Dialogue
from tasktui.executors.agents.ending import outcome_of
from tasktui.executors.agents.hearing import Hearing
from tasktui.executors.agents.policy import Policy, Rules, asks_nobody
from tasktui.executors.agents.presets import Preset, shipped
from tasktui.executors.agents.protocols import Protocol, protocol_of
from tasktui.executors.agents.start import Start
from tasktui.executors.agents.unheeded import told_before
from tasktui.executors.launch import DEFAULT_GRACE_S, ExitRecord, Launch
from tasktui.executors.process import Alive, Ended, Lost, NeverStarted, Supervisor
from tasktui.executors.supervised import require_cwd

STREAM_BYTES: Final = 1 << 30
"""Of an agent's stream that are kept: it is the evidence, and a later owner hears all of it again."""
NOT_FOR_AGENTS: Final = ("TASKTUI_EVENTS", "TASKTUI_INBOX")
"""An agent reports by its protocol; what its tools would write there nobody reads."""


@dataclass(frozen=True, slots=True)
class _Talk:
    dialogue: Dialogue
    hearing: Hearing


class AgentExecutor:
    """The `Executor` of kind `agent`."""

    def __init__(
        self,
        supervisor: Supervisor,
        *,
        presets: Mapping[str, Preset] | None = None,
        may_allow_all: bool = False,
        grace_s: float = DEFAULT_GRACE_S,
        version: str = "0",
    ) -> None:
        """Take the agents.

        Args:
            supervisor: of the data directory.
            presets: agents by name; those that come with tasktui when None.
            may_allow_all: whether a task may allow its agent everything without asking.
            grace_s: between SIGTERM and SIGKILL.
            version: ours, for protocols in which the client says who it is.
        """
        self._supervisor = supervisor
        self._presets = shipped() if presets is None else presets
        self._may_allow_all = may_allow_all
        self._grace_s = grace_s
        self._version = version

    def capabilities(self, spec: TaskSpec) -> Capabilities:
        """Return what the task's agent can do; nothing for one that is unknown."""
        work = spec.work
        preset = self._presets.get(work.preset) if isinstance(work, AgentWork) else None
        if preset is None:
            return Capabilities()
        return Capabilities(
            intervene=preset.intervene,
            approvals=True,
            resume=preset.resume != "none",
            pause=not preset.url,
            reattach=True,
            remembers=True,
        )

    async def check(self, spec: TaskSpec) -> None:
        """Refuse an unknown agent, a directory that is not there, and more than the ceiling allows."""
        work = _work(spec)
        preset = self._preset(work)
        require_cwd(spec)
        title = preset.title or preset.name
        if preset.url and (spec.worktree or spec.container):
            what = "worktree" if spec.worktree else "container"
            raise InvalidError(f"{title} works elsewhere: it can have no {what} here.")
        if work.resume_session_id is not None and preset.resume == "none":
            raise InvalidError(f"{title} cannot take up a session again.", preset=preset.name)
        mode = preset.modes.get(work.mode, work.mode)
        wants_all = spec.permissions.auto_approve or work.approval == "allow" or asks_nobody(mode)
        if wants_all and not self._may_allow_all:
            raise InvalidError(
                "No task may approve all by itself here: set auto_approve = true in the configuration.",
                preset=preset.name,
            )

    def _preset(self, work: AgentWork) -> Preset:
        preset = self._presets.get(work.preset)
        if preset is None:
            known = ", ".join(sorted(self._presets))
            raise InvalidError(
                f"No agent is named so: {work.preset}. There are {known}.", unknown=work.preset
            )
        return preset

    async def run(self, ctx: RunContext) -> Outcome:
        """Start the agent or take it over, and talk with it to its end."""
        start = self._start(ctx)
        protocol = protocol_of(start.preset)
        dialogue = protocol.dialogue(start)
        talk = _Talk(dialogue, Hearing(ctx, dialogue))
        launch = self._launch(ctx, start, protocol, told_before(start))
        record = await self._see_through(ctx, talk, launch)
        end = talk.hearing.close(record)
        return outcome_of(ctx, start.preset, record, end, dialogue.conclusion())

    async def _see_through(self, ctx: RunContext, talk: _Talk, launch: Callable[[], Launch]) -> ExitRecord:
        found = await self._supervisor.adopt(ctx.directory, ctx.run) if ctx.adopted else NeverStarted()
        match found:
            case Alive(process):
                return await Conversation(ctx, talk.dialogue, talk.hearing, process).hold()
            case NeverStarted():
                process = await self._supervisor.launch(launch())
                return await Conversation(ctx, talk.dialogue, talk.hearing, process).hold()
            case Ended(record):
                pass
            case Lost(head, swept):
                record = ExitRecord(head.id, head.run, lost=True, swept=swept)
        talk.hearing.recall(goes_on=False)
        await talk.hearing.hear()
        return record

    def _start(self, ctx: RunContext) -> Start:
        work = _work(ctx.spec)
        preset = self._preset(work)
        policy: Policy = work.approval or preset.permissions
        if ctx.spec.permissions.auto_approve and self._may_allow_all:
            policy = "allow"
        return Start(
            preset=preset,
            prompt=work.prompt,
            cwd=ctx.spec.cwd or "/",
            rules=Rules(policy, work.allowed_tools, work.disallowed_tools),
            model=work.model,
            mode=work.mode,
            session_id=work.resume_session_id,
            attachments=work.attachments,
            mcp=work.use_mcp,
            version=self._version,
            run=ctx.run,
        )

    def _launch(
        self, ctx: RunContext, start: Start, protocol: Protocol, before: Iterable[Data]
    ) -> Callable[[], Launch]:
        own = {name: value for name, value in ctx.env.items() if name not in NOT_FOR_AGENTS}

        def launch() -> Launch:
            for fact in before:
                ctx.emit(fact)
            return Launch(
                id=ctx.task_id, run=ctx.run, directory=ctx.directory, argv=protocol.argv(start),
                cwd=Path(start.cwd), env={**start.preset.env, **own}, mark=ctx.mark,
                stdin="pipe", timeout_s=ctx.spec.timeout_s,
                output_cap_bytes=STREAM_BYTES, patient=True, grace_s=self._grace_s,
            )  # fmt: skip

        return launch


def _work(spec: TaskSpec) -> AgentWork:
    if not isinstance(spec.work, AgentWork):
        raise InvalidError(f"not an agent's task: {spec.work.kind}")
    return spec.work
