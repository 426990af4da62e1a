"""What widgets may ask of the app that they stand in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from tasktui.ui.keymap import BY_ID, Context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.dom import DOMNode
    from textual.screen import Screen

    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.requests import ChangeSet
    from tasktui.domain.rows import UnixMs
    from tasktui.ui.widgets.typed import Typed


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
    typed: Typed
    """What the person typed to tasks."""
    where: str
    """The machine that is shown, when that is another one."""
    readonly: bool
    """Whether this screen only looks."""

    @property
    def looked_at(self) -> str | None:
        """The task whose events and output are followed."""
        ...

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
class Reads(Protocol):
    """A screen that asks the manager. Methods only: to look for a property is to call it."""

    def connected(self) -> None:
        """The manager is there, perhaps another one: read through it."""
        ...


@runtime_checkable
class ShowsTask(Protocol):
    """A screen that shows one task large."""

    def apply_to_task(self, changes: ChangeSet) -> None:
        """Take in what changed, with the events of the task that is shown."""
        ...


@runtime_checkable
class ShowsList(Protocol):
    """A screen that follows what changes in the list of tasks."""

    def apply(self, changes: ChangeSet) -> None:
        """Take in what changed."""
        ...


def host(node: DOMNode) -> Host:
    """Return the app of a widget."""
    return cast("Host", node.app)


def keymap_of(node: DOMNode) -> Mapping[str, str]:
    """Return the keys to use instead of the table's, by action id."""
    own: Mapping[str, str] = getattr(node.app, "keymap", {})
    return own


def key_of(node: DOMNode, action: str) -> str:
    """Return the first key of an action, as the person has it."""
    return BY_ID[action].shown(keymap_of(node))[0]


def contexts_here(screen: Screen[Any]) -> tuple[Context, ...]:
    """Return which keys hold where the focus is: what the nearest widget around it says, else the screen."""
    around = screen.focused.ancestors_with_self if screen.focused is not None else [screen]
    return next((found for node in around if (found := getattr(node, "contexts", ()))), ("everywhere",))
