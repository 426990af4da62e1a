"""What widgets may ask of the app that they stand in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from textual.dom import DOMNode

    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.rows import UnixMs


class Host(Protocol):
    """The app, as its widgets see it."""

    manager: Manager | None
    """None until it is connected."""

    def now(self) -> UnixMs:
        """Return the wall time by which ages count."""
        ...


def host(node: DOMNode) -> Host:
    """Return the app of a widget."""
    return cast("Host", node.app)
