"""FAULTS 19: the seven invariants of a life, over every store, and for who looks on over the socket."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from tests.integration.manager.lives import AttachedLives, Lives, SQLiteLives


@pytest.mark.timeout(300)
@pytest.mark.feature(30, 91, 95, 102)
@pytest.mark.parametrize(("machine", "examples"), [(Lives, 60), (SQLiteLives, 20), (AttachedLives, 8)])
def test_invariants(machine: type[Lives], examples: int) -> None:
    machine.TestCase.settings = settings(
        max_examples=examples, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
    )
    machine.TestCase("runTest").debug()
