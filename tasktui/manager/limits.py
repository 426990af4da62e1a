"""How much, how many and how long: the numbers a manager lives by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """The manager's settings; the defaults are those of the documentation."""

    lanes: Mapping[str, int] = field(default_factory=dict)
    """Limits of named lanes; one that was changed while running keeps its change."""
    default_lane: int = 8
    """Tasks at once in a lane that has no limit of its own."""
    max_running: int = 64
    """Tasks at once over all lanes."""
    max_queued: int = 100_000
    """Queued tasks beyond which submitting is refused."""
    cancel_grace_s: float = 9.0
    """From the request to the kill: an agent's protocol gets 5 s, the tree 3 s more, and a second."""
    abandon_s: float = 15.0
    """From the kill to giving up an executor that still does not return; its own last means come before."""
    let_go_s: float = 1.0
    """For an executor that was given up to return after all."""
    recoveries: int = 3
    """How often a task goes back to the queue because its owner died."""
    retry_backoff_s: float = 1.0
    """Before the second run; doubles with each, up to five minutes."""
    interventions: int = 100
    """Messages of one task that may wait to be delivered."""
    artifact_bytes: int = 1_200
    """Tool output and results from this size on become files (system 004's figure)."""
    inline_bytes: int = 65_536
    """Any other payload from this size on becomes a file."""
    subscriber_events: int = 1_024
    """Events that wait for a slow subscriber before it is sent to the log."""
    changed_rows: int = 256
    """Rows that wait for a slow screen before it is told to read again."""
    keep_s: float = 7 * 86_400
    """Age at which a finished task may be deleted."""
    keep_tasks: int = 10_000
    """Finished tasks beyond which the oldest may be deleted."""
    keep_bytes: int = 0
    """Bytes of all tasks' files beyond which the oldest finished tasks may be deleted; 0: any number."""
