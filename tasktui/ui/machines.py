"""The machines behind the manager of a screen, where there are several."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasktui.domain.hosted import HostState, ManyHosts
    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.rows import TaskRow

_LOCAL = "local"


def several(manager: Manager | None) -> ManyHosts | None:
    """Return the machines of a manager that stands for several; None for one that does not.

    By a method that only such a one has: a screen of one machine shall not load what knows of many.
    """
    return cast("ManyHosts", manager) if hasattr(manager, "try_again") else None


def here(manager: Manager | None) -> Manager | None:
    """Return the manager whose work a person who leaves may end: of several machines that of this one."""
    machines = several(manager)
    if machines is None:
        return manager
    return machines.at(_LOCAL) if any(state.host.is_local for state in machines.hosts()) else None


def manager_of(manager: Manager, row: TaskRow) -> Manager:
    """Return the manager of a row's machine, by which lanes and lines are its own."""
    machines = several(manager)
    return manager if machines is None or not row.host else machines.at(row.host)


def lane_of(row: TaskRow) -> str:
    """Return the name of a row's lane among those of all machines."""
    return f"{row.host}/{row.lane}" if row.host else row.lane


def summary(states: Sequence[HostState]) -> str:
    """Return `3 hosts · 1 unreachable`."""
    away = sum(state.standing == "unreachable" for state in states)
    coming = sum(state.standing == "connecting" for state in states)
    words = [f"{len(states)} hosts"]
    words += [f"{away} unreachable"] * bool(away) + [f"{coming} connecting"] * bool(coming)
    return " · ".join(words)
