"""What a person asks for: the work, and how it is to be queued, limited and watched."""

from __future__ import annotations

import re
import shlex
from typing import Annotated, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    field_serializer,
    field_validator,
    model_validator,
)
from pydantic_core import to_json

from tasktui.domain.recurrence import parse_every
from tasktui.domain.status import Kind

Word = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\s\x00-\x1f]+$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=512)]
Seconds = Annotated[float, Field(gt=0, le=31_536_000)]

METADATA_BYTES = 65_536
"""Of a task's metadata, and of its context for logs, as JSON."""
_TITLE_CHARS = 120


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ShellWork(_Model):
    """A program, or a line for `sh -c`."""

    kind: Literal["shell"] = "shell"
    argv: tuple[str, ...] = ()
    command: str | None = None
    """A line for `sh -c`; instead of `argv`."""
    ok_exit_codes: tuple[int, ...] | Literal["any"] = (0,)
    stdin: bool = True
    """Whether standard input is a pipe fed by messages; else it is empty."""

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if bool(self.argv) == (self.command is not None):
            raise ValueError("Task command cannot be empty: give argv, or command for a shell line")
        if (self.command is not None and not self.command.strip()) or (
            self.argv and not self.argv[0].strip()
        ):
            raise ValueError("Task command cannot be empty")
        if any("\0" in word for word in (*self.argv, self.command or "")):
            raise ValueError("a command cannot hold a NUL byte")
        return self

    def headline(self) -> str:
        """Return the command as one line."""
        return self.command if self.command is not None else shlex.join(self.argv)


class AgentWork(_Model):
    """A prompt for a coding agent."""

    kind: Literal["agent"] = "agent"
    preset: Word
    prompt: str
    model: str | None = None
    mode: str = "agent"
    resume_session_id: str | None = None
    allowed_tools: tuple[str, ...] = ()
    disallowed_tools: tuple[str, ...] = ()
    approval: Literal["ask", "reads", "allow", "deny"] | None = None
    """Who decides about tool calls that neither list names: the agent's preset when None."""
    use_mcp: bool = True
    attachments: tuple[str, ...] = ()

    @field_validator("prompt")
    @classmethod
    def _not_empty(cls, prompt: str) -> str:
        if not prompt.strip():
            raise ValueError("Task prompt cannot be empty")
        return prompt.strip()

    def headline(self) -> str:
        """Return the prompt's first line."""
        return self.prompt.splitlines()[0]


class PythonWork(_Model):
    """A function by its dotted name, `package.module:function`."""

    kind: Literal["python"] = "python"
    function: Annotated[str, StringConstraints(pattern=r"^[\w.]+:[\w.]+$")]
    arguments: dict[str, object] = Field(default_factory=dict)
    durable: bool = True
    """False for a callable inside the owner, which ends with it."""
    call: str | None = None
    """Names that callable among those which the owner's program gave."""
    python: str | None = None
    """The interpreter; the owner's when None."""
    fail_on_segment_error: bool = False
    """Whether a failed segment fails the task; else it completes with errors."""

    def headline(self) -> str:
        """Return the function's name."""
        return self.function


class RemoteWork(_Model):
    """A request to a service that runs agents."""

    kind: Literal["remote"] = "remote"
    url: str
    prompt: str
    service: Literal["soul", "cyberagent"] = "soul"
    """Whose routes and words it has: those of system 000, or of 002."""
    token_env: str | None = None
    """The name of the variable whose value it is asked with, as a bearer token."""

    def headline(self) -> str:
        """Return the prompt's first line."""
        return (self.prompt.strip() or self.url).splitlines()[0]


class CustomWork(_Model):
    """Work of an executor that the embedding program registered under `executor`."""

    kind: Literal["custom"] = "custom"
    executor: Word
    payload: dict[str, object] = Field(default_factory=dict)

    def headline(self) -> str:
        """Return the executor's name."""
        return self.executor


Work = Annotated[ShellWork | AgentWork | PythonWork | RemoteWork | CustomWork, Field(discriminator="kind")]


class Container(_Model):
    """In which container a command or an agent runs; made by podman or docker, removed at its end."""

    image: Annotated[str, StringConstraints(max_length=512, pattern=r"^[A-Za-z0-9][^\s\x00-\x1f]*$")]
    mounts: tuple[Annotated[str, StringConstraints(pattern=r"^/[^:,\x00]*(:/[^:,\x00]*)?(:ro)?$")], ...] = ()
    """Directories beside the working directory, `/source`, `/source:/target` or with `:ro` behind."""
    env: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")], ...] = ()
    """Names of variables that go inside with their values."""
    read_only: bool = False
    """Whether it can write nothing but artifacts and what is mounted to be written."""
    network: Word | None = None
    memory: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,14}[bkmg]?$")] | None = None
    cpus: Annotated[float, Field(gt=0, le=4096)] | None = None


class Permissions(_Model):
    """What the task may do; the manager's ceiling can only be narrowed."""

    allow_shell: bool = True
    trust_mode: bool = False
    auto_approve: bool = False


class TaskSpec(_Model):
    """One request: validated at the edge, stored as it is, enough to run the task again."""

    work: Work
    name: Line | None = None
    cwd: str | None = None
    """Absolute working directory; the submitter's when None."""
    worktree: bool = False
    """Whether it works in a git worktree of its own, of the repository of `cwd`: branch `tasktui/<id>`."""
    container: Container | None = None
    env_keys: tuple[str, ...] = ()
    """Names of the variables that were given; their values lie in a private file."""
    env_remove: tuple[str, ...] = ()
    lane: Word = "default"
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    tags: tuple[Word, ...] = ()
    watch: tuple[str, ...] = ()
    """Directories whose files are shown as artifacts."""
    timeout_s: Seconds | None = None
    idle_timeout_s: Seconds | None = None
    queue_timeout_s: Seconds | None = None
    retries: Annotated[int, Field(ge=0, le=100)] = 0
    held: bool = False
    depends_on: tuple[Word, ...] = ()
    on_parent_failure: Literal["fail", "hold"] = "fail"
    """What becomes of it when a task it waits for ends otherwise than completed."""
    not_before: AwareDatetime | None = None
    every: str | None = None
    on_missed: Literal["skip", "one"] = "one"
    """With `every`: whether a firing whose time passed while nobody was there is left out, or run once."""
    on_restart: Literal["reattach", "interrupt", "requeue"] = "reattach"
    exclusive_key: str | None = None
    on_conflict: Literal["raise", "queue", "return", "cancel"] = "raise"
    on_full: Literal["queue", "reject"] = "queue"
    """Whether it waits while its lane has no room, or is refused."""
    idempotency_key: str | None = None
    client_id: str | None = None
    request_id: str | None = None
    session_id: str | None = None
    conversation_id: str | None = None
    agent_id: str | None = None
    owner: str | None = None
    permissions: Permissions = Permissions()
    metadata: dict[str, object] = Field(default_factory=dict)
    logging_context: dict[str, object] = Field(default_factory=dict)

    @field_validator("cwd")
    @classmethod
    def _absolute(cls, cwd: str | None) -> str | None:
        if cwd is not None and (not cwd.startswith("/") or "\0" in cwd):
            raise ValueError("the working directory must be an absolute path")
        return cwd

    @model_validator(mode="after")
    def _in_a_process(self) -> Self:
        if isinstance(self.work, (ShellWork, AgentWork)):
            return self
        if self.worktree:
            raise ValueError("only commands and agents can work in a worktree")
        if self.container is not None:
            raise ValueError("only commands and agents can run in a container")
        return self

    @field_validator("every")
    @classmethod
    def _recurs(cls, every: str | None) -> str | None:
        if every is not None:
            parse_every(every)
        return every

    @field_validator("metadata", "logging_context")
    @classmethod
    def _bounded(cls, words: dict[str, object]) -> dict[str, object]:
        if words and len(to_json(words, inf_nan_mode="constants")) > METADATA_BYTES:
            raise ValueError("it may have at most 64 KiB; put more into a file")
        return words

    @field_serializer("work", mode="wrap")
    def _with_kind(self, work: Work, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        # a spec is kept without its defaults, and without its kind the work could not be read back
        return {"kind": work.kind, **write(work)}

    @property
    def kind(self) -> Kind:
        """What runs the task."""
        return Kind(self.work.kind)

    @property
    def title(self) -> str:
        """The name, or the first line of the work, at most 120 characters."""
        line = re.sub(r"\s+", " ", self.name or self.work.headline()).strip()
        return line if len(line) <= _TITLE_CHARS else line[: _TITLE_CHARS - 1] + "…"
