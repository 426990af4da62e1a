"""On which machine a new task runs, where there are several, and where its directory is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasktui.domain.errors import TasktuiError
from tasktui.ui.carrying import Carrying
from tasktui.ui.dialogs import MENU, Choice
from tasktui.ui.machines import several

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tasktui.domain.hosted import HostState

ROOT = "/"
"""Where paths begin on a machine that does not say where a login begins."""


class Placing(Carrying, inherit_bindings=False):
    """Asks for the machine before the form, which then is about that one."""

    elsewhere: Callable[[], str | None]
    """Where new tasks begin when they run on another machine; None: on this one."""
    machine: str = ""
    """The machine that the form is about; empty where there is only one."""

    async def placed(self, near: str) -> bool:
        """Ask on which machine, beginning with the one of the chosen task; whether there is an answer."""
        machines = several(self.manager)
        if machines is None:
            return True
        states = machines.hosts()
        names = [state.host.name for state in states]
        chosen = await MENU.ask(
            self, "On which machine?", _choices(states), near if near in names else names[0]
        )
        if chosen is None:
            return False
        return await self.at_machine(chosen)

    async def at_machine(self, name: str) -> bool:
        """Let the form be about this machine, where there are several; whether it can be reached."""
        machines = several(self.manager)
        if machines is None:
            return True
        name = name or machines.hosts()[0].host.name
        begins: str | None = None
        stays = self.stays()
        try:
            if not any(state.host.is_local and state.host.name == name for state in machines.hosts()):
                begins = await machines.begins_in(name) or ROOT
        except TasktuiError as error:
            self.tell(error.message, failed=True)
            return False
        if not stays():
            return False
        self.machine, self.elsewhere = name, lambda: begins
        return True


def _choices(states: Sequence[HostState]) -> Sequence[Choice]:
    return [
        Choice(state.host.name, state.host.name, "" if state.standing == "connected" else state.standing)
        for state in states
    ]
