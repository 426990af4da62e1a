"""`tasktui demo`: a throwaway data directory and real tasks that show everything, without any network."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from tasktui.cli import dashboard
from tasktui.cli.demo.preset import AGENTS
from tasktui.cli.session import Session

if TYPE_CHECKING:
    from tasktui.domain.ports.manager import Manager

ENOUGH: Final = 10
"""Finished tasks at which the plain view is printed."""
WITHIN_S: Final = 60.0
PLAIN_PACE: Final = 0.1


@click.command()
@click.option("--keep", is_flag=True, help="Keep the data directory, and say where it is.")
@click.option(
    "--pace", type=click.FloatRange(0, 10), default=1.0, show_default=True, help="Below 1 is faster."
)
@click.pass_obj
def demo(session: Session, keep: bool, pace: float) -> None:
    """Show everything with real tasks in a throwaway data directory."""
    session.must_act()
    with _throwaway(keep=keep) as home:
        mine = Session({**session.flags, "home": home, "agents": AGENTS}, readonly=session.readonly)
        if not dashboard.has_screen():
            asyncio.run(_plain(mine))
            return

        async def begin(manager: Manager) -> None:
            from tasktui.cli.demo.work import submit_all

            await submit_all(manager, home / "work", pace)

        try:
            dashboard.show(mine, begin=begin, last_word="cancel")
        finally:
            asyncio.run(_stop_all(mine))


@contextmanager
def _throwaway(*, keep: bool) -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="tasktui-demo-"))
    os.environ.pop("TASKTUI_HOME", None)
    try:
        yield home
    finally:
        if keep:
            click.echo(f"The demo's data directory: {home}", err=True)
        else:
            shutil.rmtree(home, ignore_errors=True)
            said = "The demo is over: its tasks have ended and its data directory is gone. --keep keeps it."
            click.echo(said, err=True)


async def _plain(session: Session) -> None:
    """Run the tasks quickly, print the list once most have ended, and stop the rest."""
    from tasktui.bootstrap.house import House, acquire
    from tasktui.cli.demo.work import submit_all
    from tasktui.domain.status import TERMINAL

    lock = acquire(session.home)
    if lock is None:
        raise click.ClickException(f"{session.home} is in use")
    house = await House.open(session.config, lock)
    try:
        await submit_all(house.manager, session.home / "work", PLAIN_PACE)
        async with asyncio.timeout(WITHIN_S):
            while (await house.manager.counts()).of(*TERMINAL) < ENOUGH:  # noqa: ASYNC110  # several ends
                await asyncio.sleep(0.1)
        await asyncio.to_thread(_print_list, session)
    finally:
        await house.close("cancel")
        lock.release()


def _print_list(session: Session) -> None:
    from tasktui.cli.main import call

    call(["--home", str(session.home), "ls"])


async def _stop_all(session: Session) -> None:
    """End what an owner in the background still runs, before the directory goes."""
    from tasktui.bootstrap.house import House, acquire

    lock = acquire(session.home)
    if lock is not None:
        house = await House.open(session.config, lock)
        await house.close("cancel")
        lock.release()
