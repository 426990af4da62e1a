"""Several machines on the screen: their column, one that goes away and comes back, the hosts view."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tasktui.domain.query import EVERYTHING
from tasktui.domain.selection import cursor_of
from tasktui.domain.status import Status
from tasktui.ui.app import TasktuiApp
from tasktui.ui.dialogs import NewTask
from tasktui.ui.machines import several
from tasktui.ui.messages import SubmitRequested
from tasktui.ui.screens.machines import MachinesView
from tests.ui.machines_night import Machines, three_machines
from tests.ui.night import eventually
from tests.ui.test_dashboard import Desk
from tests.ui.test_views import view_of

ALL = 15
"""Tasks of the three."""


@pytest.fixture
async def machines(tmp_path: Path) -> AsyncIterator[Machines]:
    async with three_machines(tmp_path) as made:
        yield made


@asynccontextmanager
async def seated(machines: Machines, size: tuple[int, int] = (120, 35)) -> AsyncIterator[Desk]:
    app = machines.app()
    async with app.run_test(size=size) as pilot:
        await listed(app, ALL)
        yield Desk(app, pilot, machines.here)


async def listed(app: TasktuiApp, total: int) -> None:
    def there() -> bool:
        window = app.dashboard.list.window
        return window.total == total == len(list(window.rows()))

    await eventually(
        lambda: app.manager is not None and app.dashboard.is_complete and there(), f"{total} tasks"
    )


def hosts_of(seen: Desk) -> set[str]:
    return {row.host for row in seen.app.dashboard.list.window.rows()}


async def test_all_machines_stand_in_one_list_and_the_filter_names_one(machines: Machines) -> None:
    async with seated(machines) as seen:
        assert hosts_of(seen) == {"local", "box", "gpu"}
        await seen.until(lambda: seen.shows("3 hosts"), "how many machines")
        await seen.press("/", *"host:gpu", "enter")
        await listed(seen.app, 2)
        assert hosts_of(seen) == {"gpu"}
        await seen.press("escape")
        await listed(seen.app, ALL)


async def test_one_that_goes_away_is_shown_as_it_was_and_acts_on_it_are_refused(machines: Machines) -> None:
    async with seated(machines) as seen:
        machines.line.cut()
        await eventually(lambda: machines.standing("gpu") == "unreachable", "gpu is away")
        machines.pass_time(130)
        await eventually(lambda: seen.shows("1 unreachable"), "the header says so")
        await seen.press("/", *"host:gpu", "enter")
        await listed(seen.app, 2)
        assert hosts_of(seen) == {"gpu"}
        await seen.until(lambda: seen.shows("heard 2m"), "how old it is what is shown")
        row = seen.app.dashboard.selected
        assert row is not None
        assert row.unheard_since is not None
        await seen.press("x", "x")
        await seen.until(lambda: toasted(seen, "Nothing was sent there"), "a clear refusal")
        assert (await machines.gpu.row(row.id)).cancel_requested_at is None


async def test_the_hosts_view_tells_why_and_connects_again_at_a_key(machines: Machines) -> None:
    async with seated(machines) as seen:
        machines.line.cut()
        await eventually(lambda: machines.standing("gpu") == "unreachable", "gpu is away")
        await seen.press("H")
        await seen.until(lambda: isinstance(seen.app.screen, MachinesView), "the view")
        await seen.until(lambda: seen.shows("Connection refused"), "why")
        await seen.until(lambda: seen.shows("unreachable since"), "since when")
        await seen.until(lambda: seen.shows("ago: ● 1 running"), "what ran there")
        machines.line.mend()
        await seen.press("G")
        assert view_of(seen).rows.chosen == "gpu"
        await seen.press("r")
        await eventually(lambda: machines.standing("gpu") == "connected", "gpu is back")
        await seen.until(lambda: not seen.shows("unreachable"), "the view says so")
        await seen.press("enter")
        await listed(seen.app, 2)
        assert hosts_of(seen) == {"gpu"}
        assert all(row.unheard_since is None for row in seen.app.dashboard.list.window.rows())


async def test_an_act_on_marked_tasks_goes_to_each_machine_and_says_so(machines: Machines) -> None:
    async with seated(machines) as seen:
        await seen.press("/", *"lane:gpu status:running", "enter")
        await listed(seen.app, 2)
        await seen.press("*")
        await seen.until(lambda: len(seen.app.dashboard.list.marks) == 2, "both are marked")
        await seen.press("x", "x")
        await seen.until(lambda: toasted(seen, "Stopping 2 tasks (1 on"), "where it was done")
        for one in (machines.box, machines.gpu):
            rows = (await one.manager.page(EVERYTHING)).items
            assert [row.lane for row in rows if row.cancel_requested_at is not None] == ["gpu"]


async def test_a_new_task_goes_to_the_machine_that_is_chosen(machines: Machines) -> None:
    async with seated(machines) as seen:
        await seen.press("n")
        await seen.until(lambda: seen.shows("On which machine?"), "the choice")
        await seen.press(*"box", "enter")
        await seen.until(lambda: seen.shows("New task on box"), "the form")
        await seen.press(*"./bump", "ctrl+j")
        await seen.until(lambda: toasted(seen, "Queued on box: "), "where it was queued")
        assert (await machines.box.manager.counts()).total == 3
        machines.line.cut()
        await eventually(lambda: machines.standing("gpu") == "unreachable", "gpu is away")
        await seen.press("n")
        await seen.until(lambda: seen.shows("On which machine?"), "the choice")
        await seen.press(*"gpu", "enter")
        await seen.until(lambda: toasted(seen, "gpu cannot be reached"), "a refusal before the form")


async def test_a_form_keeps_its_machine_whichever_is_chosen_later(machines: Machines) -> None:
    async with seated(machines) as seen:
        assert await seen.app.at_machine("box")
        make = seen.app._submission()
        assert await seen.app.at_machine("local")
        spec = (await machines.here.manager.page(EVERYTHING)).items[0].id
        wanted = NewTask((await machines.here.manager.get(spec)).spec)
        made = make(wanted)
        assert isinstance(made, SubmitRequested)
        assert made.machine == "box"


async def test_the_pages_of_one_machine_go_on_from_row_to_row(machines: Machines) -> None:
    """As «stop everything here» reads them."""
    async with seated(machines) as seen:
        fleet = several(seen.app.manager)
        assert fleet is not None
        here, found = fleet.at("local"), list[str]()
        page = await here.page(EVERYTHING, limit=4)
        while page.more:
            found += [row.id for row in page.items]
            page = await here.page(EVERYTHING, after=cursor_of(page.items[-1], EVERYTHING), limit=4)
        found += [row.id for row in page.items]
        assert len(found) == len(set(found)) == 11


async def test_the_detail_of_one_that_is_away_is_as_new_as_the_list(machines: Machines) -> None:
    async with seated(machines) as seen:
        (row,) = [row for row in (await machines.gpu.manager.page(EVERYTHING)).items if row.lane == "gpu"]
        assert (await machines.fleet.detail(row.id)).task.row.status is Status.RUNNING
        await machines.gpu.manager.cancel(row.id)
        await machines.gpu.manager.wait(row.id, timeout_s=30)
        listed_rows = seen.app.dashboard.list.window.rows
        await eventually(
            lambda: any(one.id == row.id and one.status is Status.CANCELED for one in listed_rows()),
            "its end",
        )
        machines.line.cut()
        await eventually(lambda: machines.standing("gpu") == "unreachable", "gpu is away")
        assert (await machines.fleet.detail(row.id)).task.row.status is Status.CANCELED


async def test_one_machine_alone_has_no_column_and_says_how_to_show_more(machines: Machines) -> None:
    app = TasktuiApp(machines.here.connect, now=machines.here.clock.now)
    async with app.run_test(size=(120, 35)) as pilot:
        seen = Desk(app, pilot, machines.here)
        await listed(app, 11)
        assert not app.dashboard.list.with_hosts
        await seen.press("H")
        await seen.until(lambda: seen.shows("Only this machine is shown"), "the view")


def toasted(seen: Desk, words: str) -> bool:
    return any(words in note.message for note in seen.app._notifications)
