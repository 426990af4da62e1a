"""`tasktui serve`: own the data directory without a screen."""

from __future__ import annotations

import asyncio

import click

from tasktui.cli.session import Session


@click.command()
@click.option(
    "--idle-exit", type=float, metavar="SECONDS", help="End after this long without work and screens."
)
@click.option("--take-over", is_flag=True, help="Replace an owner that does not answer.")
@click.pass_obj
def serve(session: Session, idle_exit: float | None, take_over: bool) -> None:
    """Own the data directory without a screen, until a signal or the idle end."""
    session.must_act()
    from tasktui.bootstrap.headless import serve as serve_until_over

    asyncio.run(serve_until_over(session.config, idle_exit_s=idle_exit, take_over=take_over))
