"""Facts about what a task does: messages, output, tools, artifacts, usage."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, FiniteFloat

from tasktui.domain.events.base import Data, Durability

TRANSIENT: Durability = "transient"


class MessageStarted(Data):
    """A message begins to stream."""

    TYPE = "message.started"
    DURABILITY: ClassVar[Durability] = TRANSIENT
    message_id: str
    role: Literal["agent", "thought", "user"] = "agent"


class MessageDelta(Data):
    """A piece of a message; pieces may be joined, never lost."""

    TYPE = "message.delta"
    DURABILITY: ClassVar[Durability] = TRANSIENT
    message_id: str
    delta: str
    role: Literal["agent", "thought", "user"] = "agent"
    offset: int | None = None
    """Where it begins in the message, characters, when its source counts: for who joins in the middle."""


class MessageCompleted(Data):
    """A whole message."""

    TYPE = "message.completed"
    message_id: str = ""
    role: Literal["agent", "thought", "user"] = "agent"
    content: str = ""
    reasoning: str | None = None
    usage: dict[str, object] | None = None
    ref: str | None = None
    """Artifact id, when the message was too long for a row."""


class OutputChunk(Data):
    """Bytes that the task wrote; they lie in its output file."""

    TYPE = "output.chunk"
    DURABILITY: ClassVar[Durability] = TRANSIENT
    stream: Literal["stdout", "stderr"] = "stdout"
    text: str = ""
    offset: int = 0


class OutputTruncated(Data):
    """The output is larger than its limit; the middle was dropped."""

    TYPE = "output.truncated"
    limit: int
    dropped: int = 0


class ToolStarted(Data):
    """A tool call began."""

    TYPE = "tool.started"
    call_id: str
    name: str
    input: str | None = None
    kind: str | None = None
    parent_message_id: str | None = None


class ToolProgress(Data):
    """A tool call goes on."""

    TYPE = "tool.progress"
    DURABILITY: ClassVar[Durability] = TRANSIENT
    call_id: str
    text: str = ""


class ToolCompleted(Data):
    """A tool call ended; an unknown `call_id` makes its row."""

    TYPE = "tool.completed"
    call_id: str
    ok: bool = True
    name: str | None = None
    output: str | None = None
    diff: str | None = None
    """A unified diff of what the call changed."""
    duration_ms: int | None = None
    canceled: bool = False
    detail_ref: str | None = None
    patch_ref: str | None = None
    added: int | None = None
    """Lines that the diff adds, told where the diff itself became a file."""
    removed: int | None = None
    metadata: dict[str, object] | None = None


class ArtifactAdded(Data):
    """A file belongs to the task."""

    TYPE = "artifact.added"
    artifact_id: str
    label: str
    path: str
    role: str = "user"
    source: str = "executor"
    root: str | None = None
    size: int = 0
    mime: str | None = None
    sha256: str | None = None
    summary: str | None = None
    again: bool = False
    """True when the file was reported before: this tells more about it."""


class ArtifactChanged(Data):
    """A file of the task changed."""

    TYPE = "artifact.changed"
    DURABILITY: ClassVar[Durability] = TRANSIENT
    artifact_id: str
    size: int = 0


class ArtifactRemoved(Data):
    """A file of the task is gone."""

    TYPE = "artifact.removed"
    artifact_id: str


class UsageTokens(Data):
    """Tokens and money used so far."""

    TYPE = "usage.tokens"
    DURABILITY: ClassVar[Durability] = TRANSIENT
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: FiniteFloat | None = None


class UsageContext(Data):
    """How full the model's context is."""

    TYPE = "usage.context"
    DURABILITY: ClassVar[Durability] = TRANSIENT
    used_tokens: int = 0
    max_tokens: int = 0


class UsageMemory(Data):
    """Memory and processor time of the task's processes."""

    TYPE = "usage.memory"
    DURABILITY: ClassVar[Durability] = TRANSIENT
    rss_bytes: int = 0
    cpu_s: FiniteFloat = 0.0
    total_bytes: int | None = None
    """All memory there is, when its source says so."""


class ContextCompacted(Data):
    """The agent shortened its context."""

    TYPE = "context.compacted"
    trigger: str = ""
    message: str = ""


class RuntimeEvent(Data):
    """An event of the agent's own runtime that tasktui only counts."""

    TYPE = "runtime.event"
    DURABILITY: ClassVar[Durability] = TRANSIENT
    seq: int = 0
    event: str = ""
    summary: str = ""
    count: int = Field(default=1, ge=1)
    """How many it stands for."""


class SegmentCompleted(Data):
    """One part of the work is done."""

    TYPE = "segment.completed"
    segment_id: str
    result: dict[str, object] = Field(default_factory=dict)


class SegmentFailed(Data):
    """One part of the work failed; the task goes on."""

    TYPE = "segment.failed"
    segment_id: str
    error: str = ""
