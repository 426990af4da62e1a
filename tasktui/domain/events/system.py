"""Facts about owners, lanes and runners, logged under `@system`; and the control frames of a stream."""

from __future__ import annotations

from typing import ClassVar

from tasktui.domain.events.base import Data, Durability
from tasktui.domain.rows import UnixMs
from tasktui.domain.spec import TaskSpec


class OwnerStarted(Data):
    """A process became the owner of the data directory."""

    TYPE = "owner.started"
    pid: int
    epoch: int
    version: str = ""
    host: str = ""


class OwnerTookOver(Data):
    """A process became the owner after another one died or was fenced."""

    TYPE = "owner.took_over"
    pid: int
    epoch: int
    from_pid: int | None = None
    from_epoch: int | None = None


class LaneChanged(Data):
    """A lane's limit changed."""

    TYPE = "lane.changed"
    lane: str
    limit: int | None = None
    paused: bool | None = None


class ScheduleSet(Data):
    """A task is to recur; its spec says when."""

    TYPE = "schedule.set"
    schedule_id: str
    spec: TaskSpec
    at: UnixMs


class ScheduleStopped(Data):
    """A task recurs no more."""

    TYPE = "schedule.stopped"
    schedule_id: str
    by: str | None = None


class AgentConnected(Data):
    """A runner joined."""

    TYPE = "agent.connected"
    agent_id: str


class AgentLost(Data):
    """A runner went silent."""

    TYPE = "agent.lost"
    agent_id: str


class AgentHeartbeat(Data):
    """A runner is there."""

    TYPE = "agent.heartbeat"
    DURABILITY: ClassVar[Durability] = "transient"
    agent_id: str


class StreamSnapshot(Data):
    """First frame of a subscription: where the task stands."""

    TYPE = "stream.snapshot"
    DURABILITY: ClassVar[Durability] = "control"
    status: str | None = None
    status_text: str | None = None
    progress_percentage: int | None = None
    last_seq: int = 0
    gid: int = 0


class StreamGap(Data):
    """Transient events were dropped for this subscriber; persisted ones follow from the log."""

    TYPE = "stream.gap"
    DURABILITY: ClassVar[Durability] = "control"
    after_gid: int = 0
    to_gid: int = 0


class StreamPing(Data):
    """Nothing happened for a while."""

    TYPE = "stream.ping"
    DURABILITY: ClassVar[Durability] = "control"


class StreamEnd(Data):
    """Last frame: the task is terminal and everything was sent."""

    TYPE = "stream.end"
    DURABILITY: ClassVar[Durability] = "control"
    status: str | None = None
