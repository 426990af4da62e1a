"""A screen that only looks: every key that would change something says so, and changes nothing."""

from __future__ import annotations

import pytest

from tasktui.ui.keymap import TABLE
from tasktui.ui.looking import SAID, acts
from tests.ui.night import Night
from tests.ui.test_dashboard import desk

LOOKING = {
    "view.inbox", "view.find", "view.stats", "task.open", "task.yank", "task.editor", "mark", "list.filter",
    "list.sort", "help", "palette", "back", "quit", "search", "copy", "follow", "question.later",
}  # fmt: skip
CHANGING = {
    "task.new", "task.cancel", "task.kill", "task.hold", "task.pause", "lane.pause", "lane.limit",
    "task.retry", "task.retry_edit", "task.edit", "task.earlier", "task.later", "task.first", "task.last",
    "task.priority_up", "task.priority_down", "schedule.stop", "task.archive", "task.purge",
    "intervene", "approve", "approve.always", "deny", "deny.reason", "lane.more",
    "lane.less", "lane.stop", "owner.stop", "undo",
}  # fmt: skip


def test_keys_that_change_something_are_told_from_those_that_do_not() -> None:
    acting = {key.id for key in TABLE if acts(key)}
    assert acting >= CHANGING
    assert acting.isdisjoint(LOOKING)


async def test_no_key_changes_anything(busy_night: Night) -> None:
    before = (await busy_night.manager.stats()).events
    async with desk(busy_night, readonly=True) as seen:
        await seen.until(lambda: "read-only" in seen.app.dashboard.query_one("Header").place, "the place")
        await seen.press("x", "n", "a", "D")
        for key in TABLE:
            if acts(key):
                assert await seen.app.run_action(key.action, seen.app.dashboard.list), key.id
                assert len(seen.app.screen_stack) == 1, key.id
        assert seen.app._notifications
        assert {one.message for one in seen.app._notifications} == {SAID}
    assert (await busy_night.manager.stats()).events == before


@pytest.mark.parametrize("key", ["f1", "I", "S"])
async def test_looking_around_goes_on(busy_night: Night, key: str) -> None:
    async with desk(busy_night, readonly=True) as seen:
        await seen.press(key)
        await seen.until(lambda: len(seen.app.screen_stack) == 2, "another screen")
