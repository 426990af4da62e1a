"""What a manager takes in besides new tasks: files that go with messages, tasks that have been elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tasktui.domain.history import History, Restored


class Intake(Protocol):
    """The part of the `Manager` port that takes things in."""

    async def attach(self, task_id: str, name: str, data: bytes) -> str:
        """Keep a file that goes with a message to a task, or with a task that is about to be submitted.

        Args:
            task_id: exact id of a task that has not ended, or the one with which it will be submitted.
            name: what it is called; made safe.
            data: at most `attachments.LARGEST` bytes.

        Returns:
            its absolute path, to be named in `Message.attachments` or in the agent's work. It is an artifact
            of the task, and deleted with it.

        Raises:
            InvalidError: it is too large, or its name is one that is not taken.
            StateError: the task has ended.
            CapacityError: the task has too many.
        """
        ...

    async def restore(self, histories: Sequence[History]) -> Sequence[Restored]:
        """Take in tasks that have been elsewhere, with their own ids and times; return what became of each.

        Nothing starts by it: what ran is interrupted, what waited is held. One whose id is there stays as it
        is, so that the same histories can be given again; one that cannot have been is refused, and the
        others are taken. Files of a task are put into its directories before.
        """
        ...
