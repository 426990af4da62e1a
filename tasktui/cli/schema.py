"""`tasktui schema`: the JSON Schemas of what is printed and taken."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import click

from tasktui.cli.session import Session


@click.command()
@click.argument("what", type=click.Choice(["event", "task", "api"]), default="task")
@click.pass_obj
def schema(session: Session, what: str) -> None:
    """Print the JSON Schema of an event envelope, of a task, or the OpenAPI of the service."""
    click.echo(json.dumps(_MAKERS[what](session), indent=2, ensure_ascii=False))


def _event(_: Session) -> dict[str, Any]:
    from tasktui.domain.events.schema import envelope_adapter

    return envelope_adapter().json_schema()


def _task(_: Session) -> dict[str, Any]:
    from tasktui.cli.task_schema import task_schema

    return task_schema()


def _api(session: Session) -> dict[str, Any]:
    import asyncio

    from tasktui import __version__
    from tasktui.service.api import make_app
    from tasktui.service.client import RemoteManager

    # the routes are described without a manager being asked anything
    return make_app(RemoteManager(session.home), stop=asyncio.Event(), version=__version__).openapi()


_MAKERS: Final[dict[str, Callable[[Session], dict[str, Any]]]] = {"event": _event, "task": _task, "api": _api}
