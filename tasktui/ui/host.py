"""What widgets may ask of the app that they stand in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from tasktui.ui.keymap import BY_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.dom import DOMNode

    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.requests import ChangeSet
    from tasktui.domain.rows import TaskRow, UnixMs


class Notice(Protocol):
    """What a person has to be told once, kept until it was read."""

    def unread(self) -> str | None:
        """Return the sentence, None when there is none."""
        ...

    def was_read(self) -> None:
        """Forget it."""
        ...


class Host(Protocol):
    """The app, as its widgets see it."""

    manager: Manager | None
    """None until it is connected."""
    filters: Mapping[str, str]
    """Saved filters by name."""
    notice: Notice | None
    """What a person has to be told once."""

    def now(self) -> UnixMs:
        """Return the wall time by which ages count."""
        ...

    def look_at(self, task_id: str | None) -> None:
        """Follow this task's events and output from now on."""
        ...


class Pane(Protocol):
    """A widget that shows one task."""

    def show(self, task_id: str | None) -> None:
        """Show another task, or none."""
        ...

    def apply(self, changes: ChangeSet) -> None:
        """Take in what changed."""
        ...


@runtime_checkable
class ShowsTask(Protocol):
    """A screen on which tasks can be chosen, one of them shown large."""

    @property
    def targets(self) -> tuple[TaskRow, ...]:
        """The tasks to which actions go."""
        ...

    def apply_to_task(self, changes: ChangeSet) -> None:
        """Take in what changed, with the events of the task that is shown."""
        ...


def host(node: DOMNode) -> Host:
    """Return the app of a widget."""
    return cast("Host", node.app)


def key_of(node: DOMNode, action: str) -> str:
    """Return the first key of an action, as the person has it."""
    own: Mapping[str, str] = getattr(node.app, "keymap", {})
    return BY_ID[action].shown(own)[0]
