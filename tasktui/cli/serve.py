"""`tasktui serve`: own the data directory without a screen."""

from __future__ import annotations

import asyncio
import os

import click

from tasktui.cli.offering import offered
from tasktui.cli.session import Session


@click.command()
@click.option(
    "--idle-exit", type=float, metavar="SECONDS", help="End after this long without work and screens."
)
@click.option("--background", is_flag=True, help="The same, after the time in the settings (`idle_exit_s`).")
@click.option("--take-over", is_flag=True, help="Replace an owner that does not answer.")
@click.option(
    "--listen", "address", metavar="ADDRESS:PORT",
    help="Serve the API there, too, for this machine's programs that bear `tasktui token`.",
)  # fmt: skip
@click.pass_obj
def serve(
    session: Session, idle_exit: float | None, background: bool, take_over: bool, address: str | None
) -> None:
    """Own the data directory without a screen, until a signal or the idle end."""
    session.must_act()
    offer = offered(session.home, address)
    from tasktui.bootstrap.headless import AlreadyOwnedError
    from tasktui.bootstrap.headless import serve as serve_until_over

    config = session.config
    if background:
        # the settings are read; a directory that nobody uses can be unmounted
        os.chdir("/")
        idle_exit = config.idle_exit_s if idle_exit is None else idle_exit
    try:
        asyncio.run(serve_until_over(config, idle_exit_s=idle_exit, take_over=take_over, offer=offer))
    except AlreadyOwnedError:
        if not background:
            raise
        # whoever was quicker will answer the one who wanted an owner
