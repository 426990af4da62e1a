"""The keys that decide what a task asks: one meaning wherever a question is shown."""

from __future__ import annotations

from abc import abstractmethod
from typing import Literal, TypeAlias

Decision: TypeAlias = Literal["allow", "deny"]
Scope: TypeAlias = Literal["once", "task"]


class Deciding:
    """Shows a question; how it is decided there, and its dialog opened, the subclass says."""

    @abstractmethod
    def decide(self, decision: Decision, scope: Scope) -> None:
        """Decide the approval that is shown; a question opens its dialog instead."""

    @abstractmethod
    def ask(self, *, denying: bool = False) -> object:
        """Show all that is known about what waits, in its dialog."""

    def action_approve(self) -> None:
        """Allow once; a question is answered in its dialog."""
        self.decide("allow", "once")

    def action_approve_always(self) -> None:
        """Allow for this task."""
        self.decide("allow", "task")

    def action_deny(self) -> None:
        """Deny."""
        self.decide("deny", "once")

    def action_deny_reason(self) -> None:
        """Say why not, in the dialog."""
        self.ask(denying=True)
