"""`tasktui web`: the dashboard in a browser on this machine."""

from __future__ import annotations

import asyncio
import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import click

from tasktui.cli.session import Session
from tasktui.domain.errors import UnavailableError

if TYPE_CHECKING:
    from socket import socket

_MOST_TABS: Final = 64
_OF_THIS_TERMINAL: Final = frozenset(
    {"TMUX", "STY", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "VTE_VERSION", "COLUMNS", "LINES"}
)
"""Variables about the terminal that `tasktui web` runs in, which is not the one in the browser."""


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Where to listen; without it a free port."
)
@click.option(
    "--bind", default="127.0.0.1", metavar="ADDRESS", help="127.0.0.1 (without it), ::1 or localhost."
)
@click.option(
    "--open/--no-open", "opens", default=False, help="Open the link in a browser of this machine, too."
)
@click.option(
    "--tabs",
    type=click.IntRange(1, _MOST_TABS),
    default=8,
    show_default=True,
    help="Dashboards at the same time.",
)
@click.pass_obj
def web(session: Session, port: int, bind: str, opens: bool, tabs: int) -> None:
    """Show the dashboard in a browser on this machine, until Ctrl-C.

    The printed link works once and for five minutes; Enter prints another. Each tab is a screen of its own
    on the data directory's owner; closing it ends the screen, never the work.
    """
    if find_spec("aiohttp") is None or find_spec("textual_serve") is None:
        raise UnavailableError("The browser front is not installed. Get it with: pip install 'tasktui[web]'")
    from tasktui.web.serving import listen

    with listen(bind, port) as listening:
        asyncio.run(_serve(session, listening, tabs=tabs, opens=opens))


async def _serve(session: Session, listening: socket, *, tabs: int, opens: bool) -> None:
    from tasktui.bootstrap.logfile import begin_log
    from tasktui.service.places import private_directory
    from tasktui.web.front import application
    from tasktui.web.links import Links
    from tasktui.web.passes import Passes
    from tasktui.web.serving import serve
    from tasktui.web.tabs import Tabs

    private_directory(session.home)
    begin_log(session.home)
    passes = Passes()
    with Links(passes, listening.getsockname(), session.home) as links:
        print_link(links.new(), links.port)
        if opens:
            links.open()
        app = application(passes, Tabs(dashboard_command(session), dashboard_environ(session), most=tabs))
        await serve(app, listening, again=lambda: print_link(links.new(), links.port))


def print_link(link: str, port: int) -> None:
    """Print a link, and what to know about it."""
    click.echo(f"The dashboard, once and within five minutes: {link}")
    again = "Enter prints another link" if sys.stdin.isatty() else "Another start of it has another link"
    click.echo(f"{again}, Ctrl-C ends this; your tasks go on.", err=True)
    if os.environ.get("SSH_CONNECTION"):
        click.echo(f"On your own machine first: ssh -L {port}:127.0.0.1:{port} HOST", err=True)


def dashboard_command(session: Session) -> list[str]:
    """Return the command line of a tab's dashboard: this call's own options, never the owner itself."""
    home = session.home_there if session.host_names else str(session.home.absolute())
    options = ["--home", home] if home else []
    options += [word for name in session.host_names for word in ("--host", name)]
    options += ["--readonly"] * session.readonly
    if theme := session.flags.get("theme"):
        options += ["--theme", str(theme)]
    if session.flags.get("mouse") is False:
        options += ["--no-mouse"]
    return [sys.executable, "-m", "tasktui", *options, "attach"]


def dashboard_environ(session: Session) -> dict[str, str]:
    """Return the environment of a tab's dashboard: its terminal is the page's, xterm.js."""
    inherited = {name: value for name, value in os.environ.items() if name not in _OF_THIS_TERMINAL}
    # whoever may only look gets no pager that starts programs
    only_look = {"PAGER": "less", "LESSSECURE": "1"} if session.readonly else {}
    return inherited | {"TERM": "xterm-256color", "COLORTERM": "truecolor"} | only_look
