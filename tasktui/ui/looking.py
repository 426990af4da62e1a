"""A screen that only looks: keys that would change something say so instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from tasktui.ui.alerting import Alerting
from tasktui.ui.key_table import TABLE, Key

if TYPE_CHECKING:
    from textual.actions import ActionParseResult
    from textual.dom import DOMNode

SAID: Final = "Read-only: nothing is changed here. Open tasktui without --readonly to act."


def acts(key: Key) -> bool:
    """Whether a key changes something, or begins to."""
    if key.id == "host.again":  # changes nothing there
        return False
    return key.group == "Act" or key.context in {"answer", "options"} or key.id == "owner.stop"


_ACTING: Final = frozenset(key.action.partition("(")[0].rpartition(".")[2] for key in TABLE if acts(key))


class Looking(Alerting):
    """Runs the actions that change nothing, where that was asked for."""

    readonly: bool = False
    """Whether this screen only looks."""

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run an action, or say that it would change something."""
        if self.readonly and _name(action) in _ACTING:
            self.notify(SAID, severity="warning", markup=False)
            return True
        return await super().run_action(action, default_namespace, namespaces)


def _name(action: str | ActionParseResult) -> str:
    return action.partition("(")[0].rpartition(".")[2] if isinstance(action, str) else action[1]
