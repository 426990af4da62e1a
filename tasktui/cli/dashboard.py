"""The dashboard in this terminal; without one, the plain list."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tasktui.cli.session import Session
from tasktui.domain.errors import ManagerClosedError, TasktuiError

if TYPE_CHECKING:
    from pathlib import Path

    import click

    from tasktui.bootstrap.desk import Desk
    from tasktui.bootstrap.distant import DistantDesk
    from tasktui.bootstrap.fleet.desk import FleetDesk
    from tasktui.config import Config
    from tasktui.domain.ports.manager import Manager
    from tasktui.ui.app import TasktuiApp
    from tasktui.ui.dialogs import Leaving
    from tasktui.ui.exporting import Export
    from tasktui.ui.offers import AgentOffer

Begin = Callable[["Manager"], Awaitable[None]]


class ScreenFailedError(TasktuiError):
    """The screen failed and could not go on. Your tasks are not touched; the log says what failed."""

    code = "SCREEN_FAILED"


def dashboard(session: Session, *, attach_only: bool = False) -> None:
    """Open the dashboard: own the data directory, or attach to its owner."""
    if len(session.shown_hosts) > 1 and has_screen():
        _show_several(session, attach_only=attach_only)
    else:
        show(session, attach_only=attach_only)


def has_screen() -> bool:
    """Whether a dashboard can be drawn here."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def show(
    session: Session,
    *,
    attach_only: bool = False,
    begin: Begin | None = None,
    last_word: Leaving | None = None,
) -> None:
    """Draw the dashboard until the person leaves, and see to what becomes of the work.

    Args:
        session: of the command.
        attach_only: never become the owner.
        begin: called with the manager when it first answers.
        last_word: what becomes of the work, whatever the person chose.
    """
    if not has_screen():
        import click

        context = click.get_current_context()
        context.invoke(_list_command(context))
        return
    from tasktui.ui.settling import hasten

    hasten()
    if session.hosts and not session.hosts[0].is_local:
        _show_distant(session)
        return
    desk = _desk(session, attach_only=attach_only)
    sitting = _draw(session, desk, begin, last_word)
    _rise(desk, sitting, last_word)


def _rise(desk: Desk | FleetDesk, sitting: _Sitting, last_word: Leaving | None = None) -> None:
    """See to what becomes of the work here, once the screen is gone."""
    if sitting.stays and last_word is None:
        asyncio.run(desk.stay())
    elif desk.owns:
        asyncio.run(_leave(desk, last_word or sitting.leaving or "detach"))
    if sitting.failed:
        raise ScreenFailedError


def _show_distant(session: Session) -> None:
    """Draw the dashboard of another machine, where all goes on when the person leaves."""
    from tasktui.bootstrap.distant import DistantDesk

    desk = DistantDesk(session.hosts[0], session.home, home=session.home_there, readonly=session.readonly)
    try:
        sitting = _draw(session, desk)
    finally:
        asyncio.run(desk.hang_up())
    if sitting.failed:
        raise ScreenFailedError


def _show_several(session: Session, *, attach_only: bool) -> None:
    """Draw the dashboard of several machines; only the work of this one, if it is among them, may end."""
    from tasktui.ui.settling import hasten

    hasten()
    from tasktui.bootstrap.fleet.desk import FleetDesk

    hosts = session.shown_hosts
    near = _desk(session, attach_only=attach_only) if any(host.is_local for host in hosts) else None
    desk = FleetDesk(hosts, near, home=session.home_there, readonly=session.readonly)
    try:
        sitting = _draw(session, desk)
    finally:
        asyncio.run(desk.hang_up())
    _rise(desk, sitting)


def _desk(session: Session, *, attach_only: bool) -> Desk:
    if session.readonly:
        from tasktui.bootstrap.looking import LookingDesk

        return LookingDesk(session.config)
    from tasktui.bootstrap.desk import Desk

    return Desk(session.config, attach_only=attach_only)


def _list_command(context: click.Context) -> click.Command:
    """Return `ls`."""
    import click

    from tasktui.cli.main import cli

    command = cli.get_command(context, "ls")
    if command is None:
        raise click.UsageError("there is no terminal to draw on")
    return command


def _draw(
    session: Session, desk: Desk | DistantDesk | FleetDesk, begin: Begin | None = None,
    last_word: Leaving | None = None,
) -> _Sitting:  # fmt: skip
    from tasktui.ui.app import TasktuiApp
    from tasktui.ui.driver.choose import driver_class
    from tasktui.ui.keymap import chosen

    config = session.config
    sitting = _Sitting(desk, begin)
    sitting.app = TasktuiApp(
        sitting.connect, first=desk.first_page, theme=config.theme, filters=config.filters,
        glyphs=config.glyphs,
        keymap=chosen(config.keymap, safe_mode=config.safe_mode), animation=config.animation, notice=desk,
        where=getattr(desk, "where", ""), elsewhere=lambda: getattr(desk, "begins_in", None),
        readonly=session.readonly,
        alert=config.alert, agents=lambda: _offers(config), export=_exporter(session),
        temporary=config.home / "temporary", driver_class=driver_class(config.driver),
    )  # fmt: skip
    sitting.app.last_word = last_word
    with _frames_on_the_terminal():
        asyncio.run(sitting.sit(mouse=config.mouse))
    return sitting


def _exporter(session: Session) -> Export | None:
    """Return what writes tasks of this machine to a file; None where only others are shown."""
    if session.hosts and not any(host.is_local for host in session.hosts):
        return None

    def export(ids: Sequence[str], path: Path) -> int:
        from tasktui.cli.export import write_tasks

        return write_tasks(session, ids, path)

    return export


def _offers(config: Config) -> Sequence[AgentOffer]:
    """Look up which agents there are, and which of them are installed."""
    from tasktui.executors.agents.presets import whereabouts, with_own
    from tasktui.ui.offers import AgentOffer

    return [
        AgentOffer(name, preset.title or name, whereabouts(preset) is not None, preset.install, preset.lacks)
        for name, preset in with_own(config.agents).items()
    ]


class _Sitting:
    """One screen at one terminal: how it connects, and what signals make of it."""

    def __init__(self, desk: Desk | DistantDesk | FleetDesk, begin: Begin | None) -> None:
        self.app: TasktuiApp
        self.leaving: Leaving | None = None
        self._stands = self._hung_up = self._terminated = False
        self._desk = desk
        self._begin = begin
        self._begun = False

    @property
    def stays(self) -> bool:
        """Whether the terminal went away, so that the process goes on without it."""
        return self._hung_up and not self._terminated

    @property
    def failed(self) -> bool:
        """Whether it ended because the screen could not go on."""
        return bool(self.app.return_code)

    async def sit(self, *, mouse: bool) -> None:
        """Draw until the person leaves; a signal finds us ready before the terminal is touched."""
        self._take_signals()
        self.leaving = await self.app.run_async(mouse=mouse)

    async def connect(self) -> Manager:
        """Return a manager; the screen stands by now, so that it may end.

        Raises:
            ManagerClosedError: a signal asked for the end before.
        """
        self._stands = True
        if self._terminated or self._hung_up:
            self._end()
            raise ManagerClosedError
        manager = await self._desk.connect()
        if not self._begun and self._begin is not None:
            await self._begin(manager)
        self._begun = True
        return manager

    def _take_signals(self) -> None:
        from tasktui.ui.driver.hangup import on_hangup

        on_hangup(self._hang_up)
        # the same as leaving by hand: the terminal is given back, the work goes on in the background
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._terminate)

    def _hang_up(self) -> None:
        self._hung_up = True
        self._end()

    def _terminate(self) -> None:
        self._terminated = True
        self._end()

    def _end(self) -> None:
        """Leave once the screen stands: Textual fails when it is to end while it is built."""
        if self._stands:
            self.app.exit("detach" if self._terminated else None)


@contextmanager
def _frames_on_the_terminal() -> Iterator[None]:
    """Textual draws on stderr: lend it the terminal while stderr goes elsewhere."""
    if sys.stderr.isatty():
        yield
        return
    kept = os.dup(2)
    os.dup2(1, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


async def _leave(desk: Desk | FleetDesk, leaving: Leaving) -> None:
    import click

    if leaving == "wait":
        click.echo("Waiting for the tasks to end. Ctrl-C leaves them running in the background.", err=True)
    elif leaving == "cancel":
        click.echo("Canceling the tasks…", err=True)
    if await desk.leave(leaving):
        click.echo("Your tasks go on in the background. `tasktui` comes back to them.", err=True)
