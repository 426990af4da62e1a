"""Keys that come faster than anything is drawn or read: none goes to what nobody meant."""

from __future__ import annotations

from textual.widgets import Static

from tasktui.domain.status import Attention
from tasktui.ui.screens.cancel_dialog import CancelDialog
from tasktui.ui.screens.new_task_dialog import NewTaskDialog
from tests.ui.handled import handled
from tests.ui.night import Night
from tests.ui.test_dashboard import Desk, desk


async def burst(seen: Desk, *keys: str) -> None:
    """Press keys that all arrive at once, as over a link that was silent for a while."""
    await handled()
    for key in keys:
        seen.app.simulate_key(key)
    await handled()


async def test_a_dialog_is_about_the_task_on_which_its_key_was_pressed(busy_night: Night) -> None:
    async with desk(busy_night) as seen:
        await seen.go_to("fix flaky login test")
        await burst(seen, "x", "j")
        await seen.until(lambda: isinstance(seen.app.screen, CancelDialog), "the question")
        assert "fix flaky login test" in str(seen.app.screen.query_one(".task", Static).content)


async def test_what_is_typed_before_a_form_is_seen_is_no_command(busy_night: Night) -> None:
    """A `u` would deny what the task below asks."""
    async with desk(busy_night) as seen:
        await seen.go_to("fix flaky login test")
        asking = seen.app.dashboard.selected
        assert asking is not None
        await burst(seen, "n", "u")
        await seen.until(lambda: isinstance(seen.app.screen, NewTaskDialog), "the form")
        assert (await busy_night.row(asking.id)).attention is Attention.APPROVAL
