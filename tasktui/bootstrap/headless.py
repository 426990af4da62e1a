"""An owner without a screen: serves until it is told to stop, or until nobody needs it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tasktui.bootstrap.house import House, acquire
from tasktui.bootstrap.logfile import begin_log
from tasktui.config import Config
from tasktui.descriptors import raise_limit
from tasktui.domain.errors import FencedError, OwnerError, StoreError
from tasktui.service.offer import Offer
from tasktui.service.owner import OwnerLock, read_owner
from tasktui.service.starting import start_owner
from tasktui.ui.settling import tune_collector

log = logging.getLogger(__name__)
LOOK_S: Final = 1.0
"""How often it is looked whether anybody needs this owner; only while an idle end is wanted."""


class AlreadyOwnedError(OwnerError):
    """Another process owns the data directory already."""

    code = "OWNED"


async def serve(
    config: Config,
    *,
    idle_exit_s: float | None,
    take_over: bool = False,
    offer: Offer | None = None,
    ready: Callable[[], None] | None = None,
) -> None:
    """Own the data directory until SIGTERM or SIGINT, a take-over, or an idle end.

    Args:
        config: the settings.
        idle_exit_s: seconds without work, requests and streams after which to end; None for never.
        take_over: become the owner even though another process is, because that one does not answer.
        offer: what is offered beside the owner's own sockets.
        ready: called once it can be reached.

    Raises:
        AlreadyOwnedError: another process owns the data directory.
    """
    lock = acquire(config.home, take_over=take_over)
    if lock is None:
        raise _already_owned(config.home)
    begin_log(config.home)
    raise_limit()
    stop = _stopped()
    try:
        house = await _opened(config, lock)
        tune_collector()
        try:
            idle_s = await house.listen(offer)
            if ready is not None:
                ready()
            await until_over(house, idle_s, idle_exit_s, stop)
            fenced = house.fenced.is_set()
        finally:
            await house.close("detach")
    finally:
        lock.release()
    if fenced:
        raise FencedError(f"Another process took over {config.home}. This one ended.", home=str(config.home))
    if house.left_work and not stop.is_set():
        # it was asked for in the moment in which this one found that nobody needs it
        await asyncio.to_thread(start_owner, config.home)


def _already_owned(home: Path) -> AlreadyOwnedError:
    holder = read_owner(home)
    if holder is None:
        return AlreadyOwnedError(f"Another process owns {home} already.", home=str(home))
    told = f"Process {holder.pid} owns {home} already. `tasktui` attaches to it; after `kill {holder.pid}`,"
    return AlreadyOwnedError(f"{told} which ends no task, another can be the owner.", home=str(home))


async def _opened(config: Config, lock: OwnerLock) -> House:
    try:
        return await House.open(config, lock)
    except StoreError:
        former = lock.former
        if former is None or not former.is_stopped():
            raise
        # it was stopped in the middle of a transaction, and has the database for as long as it is
        log.warning("process %d is stopped and holds the database: it is ended", former.pid)
        os.kill(former.pid, signal.SIGKILL)
        return await House.open(config, lock)


def _stopped() -> asyncio.Event:
    """Return what is set once a signal asks for the end; a lost terminal is no reason to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, lambda: None)
    return stop


async def until_over(
    house: House, idle_s: Callable[[], float], idle_exit_s: float | None, stop: asyncio.Event
) -> None:
    """Return when `stop` is set, when another owner took over, or after the idle time."""
    waits: list[asyncio.Future[Any]] = [
        asyncio.ensure_future(stop.wait()),
        asyncio.ensure_future(house.fenced.wait()),
    ]
    if idle_exit_s is not None:
        waits.append(asyncio.ensure_future(_until_idle(house, idle_s, idle_exit_s)))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


async def _until_idle(house: House, idle_s: Callable[[], float], idle_exit_s: float) -> None:
    while True:
        await asyncio.sleep(max(LOOK_S, idle_exit_s - idle_s()))
        if idle_s() >= idle_exit_s and not await house.manager.busy():
            return
