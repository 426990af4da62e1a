"""Owning the data directory without a screen; without click, for somebody may wait for it."""

from __future__ import annotations

import asyncio
import gc
import os
from typing import TYPE_CHECKING

from tasktui.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasktui.service.offer import Offer


def own(
    session: Session,
    *,
    idle_exit_s: float | None = None,
    background: bool = False,
    take_over: bool = False,
    offer: Offer | None = None,
    ready: Callable[[], None] | None = None,
) -> None:
    """Own the data directory until a signal or the idle end.

    Args:
        session: of the command.
        idle_exit_s: seconds without work and screens after which to end.
        background: end after the time in the settings, and without an error when another was quicker.
        take_over: replace an owner that does not answer.
        offer: what is offered beside the owner's own sockets.
        ready: called once this process is the owner and can be reached.

    Raises:
        OwnerError: another process owns the data directory.
    """
    # collecting what imports made is a quarter of the time that they take
    gc.disable()
    from tasktui.bootstrap.headless import AlreadyOwnedError, serve

    config = session.config
    if background:
        # the settings are read; a directory that nobody uses can be unmounted
        os.chdir("/")
        idle_exit_s = config.idle_exit_s if idle_exit_s is None else idle_exit_s
    try:
        asyncio.run(serve(config, idle_exit_s=idle_exit_s, take_over=take_over, offer=offer, ready=ready))
    except AlreadyOwnedError:
        if not background:
            raise
        # whoever was quicker will answer the one who wanted an owner
