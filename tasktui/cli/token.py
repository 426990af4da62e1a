"""`tasktui token`: what a program bears that asks by the port of `serve --listen`."""

from __future__ import annotations

import click

from tasktui.cli.session import Session


@click.command()
@click.option("--readonly", "looking", is_flag=True, help="The one whose bearer may only look.")
@click.option("--rotate", is_flag=True, help="Make a new one; the old one lets nobody in any more.")
@click.pass_obj
def token(session: Session, looking: bool, rotate: bool) -> None:
    """Print the token of the data directory: `curl -H "Authorization: Bearer $(tasktui token)" …`."""
    from tasktui.service.tokens import token as kept

    session.must_act()
    click.echo(kept(session.home, "look" if looking else "act", rotate=rotate))
