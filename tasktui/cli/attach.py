"""`tasktui attach`: the dashboard on a running owner."""

from __future__ import annotations

import click

from tasktui.cli.dashboard import dashboard
from tasktui.cli.session import Session


@click.command()
@click.pass_obj
def attach(session: Session) -> None:
    """Open the dashboard on the owner of the data directory; this process never becomes it."""
    dashboard(session, attach_only=True)
