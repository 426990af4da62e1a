"""`tasktui events`: the log of all tasks as NDJSON."""

from __future__ import annotations

import click

from tasktui.cli.printing import print_encoded
from tasktui.cli.session import Session
from tasktui.cli.tailing import pages
from tasktui.domain.wire_events import event_line


@click.command()
@click.option(
    "--after", type=click.IntRange(min=0), default=0, metavar="GID", help="Only what came after this."
)
@click.option("-f", "--follow", is_flag=True, help="Go on as more comes.")
@click.option("--json", is_flag=True, expose_value=False, help="It is JSON anyway.")
@click.pass_obj
def events(session: Session, after: int, follow: bool) -> None:
    """Print the stored events of all tasks, one JSON envelope a line, oldest first."""
    for _, page in pages(session, after, follow=follow):
        print_encoded(map(event_line, page))
