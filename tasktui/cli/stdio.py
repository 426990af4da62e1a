"""`tasktui stdio`: the owner's API on standard input and output."""

from __future__ import annotations

import click

from tasktui.cli.session import Session


@click.command()
@click.option("--readonly", is_flag=True, help="Only look: every action is refused.")
@click.pass_obj
def stdio(session: Session, readonly: bool) -> None:
    """Speak the API over pipes: what `tasktui --host` runs at the other end, by ssh."""
    import asyncio

    from tasktui import __version__
    from tasktui.service.stdio import Door, own_streams, serve

    async def speak() -> None:
        door = Door(session.home, readonly=readonly or session.readonly)
        await serve(await own_streams(), door, version=__version__)

    asyncio.run(speak())
