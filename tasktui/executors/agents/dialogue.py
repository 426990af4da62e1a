"""The talk with one agent as a pure machine: bytes in, steps out, no I/O and no clock.

Its state follows from the lines that were received and said, in their order, and from nothing else: so an
owner that takes over a run feeds it the kept stream again and stands where the former one stood. The former
one may have had other settings or been of another version: what was said then holds, not what would be said
now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from tasktui.domain.events.base import Data
from tasktui.domain.ports.executor import Delivery
from tasktui.domain.status import Reason, Status

WITHDRAWN: Final = "The agent took its question back."
"""Why a request of an agent needs nobody any more that it said so of."""


@dataclass(frozen=True, slots=True)
class Say:
    """A line for the agent's standard input."""

    line: bytes
    """Without its newline."""
    delivery: str | None = None
    """The message of a person that it carries: delivered once this is written."""
    key: str | None = None
    """By what it is known when all is heard again, where its bytes may differ then: it holds a file."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """A message of a person that cannot be brought to the agent."""

    delivery: str
    why: str


@dataclass(frozen=True, slots=True)
class Over:
    """Nothing more will be said: the agent's standard input ends, and with it the agent."""


@dataclass(frozen=True, slots=True)
class CloseInput:
    """The agent's standard input ends once all is said, and the agent works on: it reads to the end first."""


Step: TypeAlias = Data | Say | Refuse | CloseInput | Over


@dataclass(frozen=True, slots=True)
class End:
    """What was seen of the end of the agent's process."""

    stopped: bool
    """Whether somebody asked the run to stop."""
    code: int | None
    """The exit code, 128 + n for a signal; None when nobody saw it."""
    stderr: str
    """The last lines of its error output, cleaned."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """How the agent's own last word ends the task."""

    status: Status
    reason: Reason
    evidence: str
    """The last event of the protocol, in its words."""
    result: str | None = None
    error: str | None = None
    error_code: str | None = None
    usage: dict[str, Any] | None = None


class Dialogue(Protocol):
    """One run's talk with an agent."""

    def opening(self) -> Iterable[Step]:
        """Return what begins it, once the process runs."""
        ...

    def received(self, line: bytes) -> Iterable[Step]:
        """Take one line of the agent's standard output, without its newline; what is unknown is no error."""
        ...

    def said(self, line: bytes) -> None:
        """Take note of a line that was handed to the agent, be it another than was wanted: it counts."""
        ...

    def message(self, delivery: Delivery) -> Iterable[Step]:
        """Bring a message of a person to the agent, or keep it until it can be brought."""
        ...

    def answer(self, delivery: Delivery) -> Iterable[Step]:
        """Bring an answer to a request; one that was answered already is passed over."""
        ...

    def stop(self) -> Iterable[Step]:
        """Ask the agent to stop what it does, in its protocol's words; nothing where there are none."""
        ...

    def ended(self, end: End) -> Iterable[Data]:
        """Return the facts that close what the agent left open."""
        ...

    def conclusion(self) -> Conclusion | None:
        """Return how the agent said that it ended; None when it did not say."""
        ...
