"""A night in short: random work, people, screens and harm; in the morning every task is in a true state.

`make soak` does it for 30 minutes. SOAK_MINUTES sets another length, SOAK_SEED another night.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasktui.service.starting import start_owner
from tests.faults import night_proofs as proofs
from tests.faults.desks import PATIENCE_S, end_owner, until
from tests.faults.night_acts import People
from tests.faults.night_home import Mischief, ask, end_whoever_owns
from tests.faults.night_tasks import settings

MINUTES = float(os.environ.get("SOAK_MINUTES", "30"))
SEED = int(os.environ.get("SOAK_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)
SHORT_S = 20.0
SAMPLE_S = 2.0
LIVE = ("queued", "dispatched", "running")
MORNING_S = 120.0
"""How long what was begun may take to end."""

pytestmark = pytest.mark.xdist_group("hostile")


@pytest.fixture
def home(own_home: Path) -> Iterator[Path]:
    """A data directory with the agent of the night in its configuration."""
    (own_home / "ran").mkdir(mode=0o700, parents=True)
    own_home.chmod(0o700)
    config = Path(os.environ["XDG_CONFIG_HOME"]) / "tasktui" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(settings(own_home))
    yield own_home
    end_owner(own_home)


def spend(home: Path, people: People, seconds: float, samples: list[proofs.Sample]) -> None:
    """Let people do what they do for so long."""
    until_then = time.monotonic() + seconds
    pauses = random.Random(SEED)
    while (now := time.monotonic()) < until_then:
        people.act()
        if (not samples or now - samples[-1].at > SAMPLE_S) and (one := proofs.sample(home)) is not None:
            samples.append(one)
        time.sleep(pauses.expovariate(20))


def night(home: Path, seconds: float, harm_every_s: float) -> None:
    """Spend a night; its last third is without harm, so that one owner lives long enough to grow."""
    print(f"night of {seconds:.0f} s, SOAK_SEED={SEED}")  # noqa: T201  # shown where it fails
    people, mischief = People(home, SEED), Mischief(home, SEED, harm_every_s)
    samples: list[proofs.Sample] = []
    start_owner(home, wait_s=PATIENCE_S)
    mischief.begin()
    try:
        try:
            spend(home, people, seconds * 2 / 3, samples)
        finally:
            mischief.rest()
        spend(home, people, seconds / 3, samples)
        morning(home, people, samples)
    finally:
        people.close()
        mischief.close()
    print(f"{len(people.told)} tasks, {people.done}, harm: {mischief.done}")  # noqa: T201  # by `pytest -s`


def morning(home: Path, people: People, samples: list[proofs.Sample]) -> None:
    """See everything through, and prove it."""

    def over() -> bool:
        people.finish()
        by_status = ask(home, "GET", "/v1/counts")["by_status"]
        return not any(by_status.get(status) for status in LIVE)

    until(over, MORNING_S, "everything ends")
    tired = proofs.sample(home)
    assert proofs.untrue(home, people.told) == []
    assert proofs.left_running(home) == []
    assert proofs.grown(samples, home / "tasktui.db", len(people.told)) == []
    assert proofs.alarming(home) == []
    end_whoever_owns(home)
    start_owner(home, wait_s=PATIENCE_S)
    fresh = proofs.sample(home)
    assert tired is not None
    assert fresh is not None
    assert tired.fds <= fresh.fds + proofs.FDS


@pytest.mark.timeout(600)
def test_a_short_night(home: Path) -> None:
    night(home, SHORT_S, harm_every_s=3)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_a_night(home: Path) -> None:
    night(home, MINUTES * 60, harm_every_s=15)
