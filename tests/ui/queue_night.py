"""The night with a queue in which each task waits for something else, and with paused work."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from tasktui.domain.query import EVERYTHING
from tasktui.domain.status import Status
from tests.ui.night import END_OF_DAY, Night

HOUR_MS = 3_600_000
LANE = "build"


async def fill_queue(night: Night) -> dict[str, str]:
    """Let tasks wait; return their ids by their titles."""
    manager = night.manager
    night.clock.before_the_end(20)
    await manager.set_lane(LANE, limit=1)
    first = await night.submit("run integration suite", "shell", lane=LANE)
    await night.until(first, lambda row: row.status is Status.RUNNING)
    package = await night.submit("package the app", "shell", lane=LANE)
    await night.submit("upload the app", "shell", lane=LANE, depends_on=[package, first])
    keyed = {"lane": LANE, "exclusive_key": "deploy", "on_conflict": "queue"}
    await night.submit("deploy to staging", "shell", **keyed)
    await night.submit("deploy to production", "shell", retries=2, **keyed)
    later = datetime.fromtimestamp((END_OF_DAY + HOUR_MS) / 1000, UTC)
    await night.submit("nightly backup", "shell", not_before=later)
    lunch = await night.submit("ask Ann first", "shell", held=True)
    await manager.hold(lunch, reason="lunch", until=END_OF_DAY + 2 * HOUR_MS)
    night.clock.before_the_end(10)
    first = await night.submit("renew the certificates", "shell", lane="gpu", every="6h")
    async with asyncio.timeout(30):
        # the next firing is queued behind the answer to the submit
        while (await manager.schedules())[0].task_id == first:
            await asyncio.sleep(0.005)
    named = {row.title: row.id for row in (await manager.page(EVERYTHING)).items}
    await manager.pause(named["nightly index rebuild"])
    night.clock.before_the_end(0)
    return named
