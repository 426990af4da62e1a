"""`tasktui serve`: own the data directory without a screen."""

from __future__ import annotations

from functools import partial

import click

from tasktui.cli.offering import offered, tell_address
from tasktui.cli.owning import own
from tasktui.cli.session import Session


@click.command()
@click.option(
    "--idle-exit", type=float, metavar="SECONDS", help="End after this long without work and screens."
)
@click.option("--background", is_flag=True, help="The same, after the time in the settings (`idle_exit_s`).")
@click.option(
    "--take-over", is_flag=True, help="Become the owner even though there is one, such as one that hangs."
)
@click.option(
    "--listen", "address", metavar="ADDRESS:PORT",
    help="Serve the API there, too, for this machine's programs that bear `tasktui token`.",
)  # fmt: skip
@click.option(
    "--compat", "systems", multiple=True, metavar="SYSTEM",
    help="Serve the routes of a replaced task manager, under /compat/SYSTEM; may be repeated.",
)  # fmt: skip
@click.option("--agent", metavar="PRESET", help="The agent to which their prompts are given.")
@click.pass_obj
def serve(
    session: Session, idle_exit: float | None, background: bool, take_over: bool, address: str | None,
    systems: tuple[str, ...], agent: str | None,
) -> None:  # fmt: skip
    """Own the data directory without a screen, until a signal or the idle end."""
    session.must_act()
    offer = offered(session.home, address, systems, agent)
    ready = partial(tell_address, offer)
    own(session, idle_exit_s=idle_exit, background=background, take_over=take_over, offer=offer, ready=ready)
