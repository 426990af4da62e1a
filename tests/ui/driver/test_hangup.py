"""Who tells a screen that its terminal is gone."""

from __future__ import annotations

import asyncio
import select
import signal
import sys

import pytest

from tasktui.ui.driver.hangup import on_hangup


def test_where_there_is_no_epoll_the_signal_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dashboard on macOS shows the tasks of another machine."""
    monkeypatch.delattr(select, "epoll")
    monkeypatch.setattr(sys, "platform", "darwin")
    before = signal.getsignal(signal.SIGHUP)

    async def begin() -> None:
        on_hangup(lambda: None)

    try:
        asyncio.run(begin())
        assert signal.getsignal(signal.SIGHUP) not in {before, signal.SIG_DFL}
    finally:
        signal.signal(signal.SIGHUP, before)
