"""Answers of a real manager that are on the way for as long as a test says."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tasktui.domain.errors import OwnerError


class Apart:
    """A manager's verbs for a screen: what holds one of them here does not hold those that use it there."""

    def __init__(self, manager: Any) -> None:
        self._manager = manager

    def __getattr__(self, name: str) -> Any:
        return getattr(self._manager, name)


class Gated:
    """One verb: it reads at once, and its answers arrive while the gate is open."""

    def __init__(self, manager: Any, name: str, patch: pytest.MonkeyPatch) -> None:
        self._read = getattr(manager, name)
        self._gate = asyncio.Event()
        self._gate.set()
        self.asked = 0
        self.fails = False
        patch.setattr(manager, name, self)

    async def __call__(self, *which: Any, **more: Any) -> Any:
        self.asked += 1
        if self.fails:
            raise OwnerError("Nobody answers.")
        read = await self._read(*which, **more)
        await self._gate.wait()
        return read

    def close(self) -> None:
        self._gate.clear()
        self.asked = 0

    def open(self) -> None:
        self._gate.set()
