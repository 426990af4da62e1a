"""What keys do to what waits or stands still: holds, pauses, places, lanes, schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from tasktui.ui.actions import TaskActions
from tasktui.ui.dialogs import EDIT, LINE, MENU, Choice
from tasktui.ui.eligible import fitting
from tasktui.ui.host import host
from tasktui.ui.messages import (
    EditRequested,
    HoldRequested,
    LaneRequested,
    PauseRequested,
    PriorityRequested,
    ReorderRequested,
    ScheduleStopRequested,
)
from tasktui.ui.task_words import clock_of

if TYPE_CHECKING:
    from tasktui.domain.requests import LaneState, Place, Schedule

MOST = 10_000
"""Largest limit of a lane."""


class QueueActions(TaskActions, inherit_bindings=False):
    """Actions on the queue. They ask what has to be asked and post a request."""

    def action_task_hold(self) -> None:
        """Hold queued tasks; release them when all are held."""
        held = all(row.held for row in fitting("task.hold", self.targets))
        self.request("task.hold", lambda ids: HoldRequested(ids, held=not held))

    def action_task_pause(self) -> None:
        """Pause running tasks; let them go on when all stand still."""
        paused = all(row.paused_at is not None for row in fitting("task.pause", self.targets))
        self.request("task.pause", lambda ids: PauseRequested(ids, paused=not paused))

    def action_task_earlier(self) -> None:
        """Move queued tasks forward among those of their lane and priority."""
        self._reorder("earlier")

    def action_task_later(self) -> None:
        """Move queued tasks back among those of their lane and priority."""
        self._reorder("later")

    def action_task_first(self) -> None:
        """Move queued tasks to the front of those of their lane and priority."""
        self._reorder("first")

    def action_task_last(self) -> None:
        """Move queued tasks to the end of those of their lane and priority."""
        self._reorder("last")

    def _reorder(self, where: Place) -> None:
        self.request(f"task.{where}", lambda ids: ReorderRequested(ids, where))

    def action_task_priority_up(self) -> None:
        """Raise the priority of queued tasks."""
        self.request("task.priority_up", lambda ids: PriorityRequested(ids, 1))

    def action_task_priority_down(self) -> None:
        """Lower the priority of queued tasks."""
        self.request("task.priority_down", lambda ids: PriorityRequested(ids, -1))

    @work(exclusive=True, group="dialog")
    async def action_task_edit(self) -> None:
        """Let the person change what a queued task is to do."""
        rows = self.chosen("task.edit")[:1]
        await self.ask_again(EDIT, rows, lambda wanted: EditRequested(rows[0].id, wanted.spec))

    @work(group="lanes")
    async def action_lane_pause(self) -> None:
        """Pause the chosen task's lane, or continue it."""
        with self.telling():
            lane = await self._lane_here()
            if lane is not None:
                self.post_message(LaneRequested(lane.lane, paused=not lane.paused))

    @work(exclusive=True, group="dialog")
    async def action_lane_limit(self) -> None:
        """Ask how many tasks of the chosen one's lane run at once."""
        with self.telling():
            stays = self.stays()
            lane = await self._lane_here()
            if lane is None or not stays():
                return
            question = f"Running now: {lane.running}, waiting: {lane.queued}. How many may run at once?"
            said = await LINE.ask(self, f"Lane {lane.lane}", question, str(lane.limit), _not_a_limit)
            if said is not None:
                self.post_message(LaneRequested(lane.lane, limit=int(said)))

    async def _lane_here(self) -> LaneState | None:
        """The lane of the chosen task."""
        rows = self.targets[:1]
        if not rows or self.manager is None:
            return None
        from tasktui.ui.machines import lane_of

        name = lane_of(rows[0])
        return next((lane for lane in await self.manager.lanes() if lane.lane == name), None)

    @work(exclusive=True, group="dialog")
    async def action_schedule_stop(self) -> None:
        """Ask whether, then end the recurrence of a task."""
        rows = self.chosen("schedule.stop")[:1]
        if not rows or self.manager is None:
            return
        with self.telling():
            stays = self.stays()
            known = {one.schedule_id: one for one in await self.manager.schedules()}
            schedule = known.get(rows[0].schedule_id or "")
            if schedule is None:
                self.tell("It recurs no more already.")
            elif (
                stays()
                and await MENU.ask(self, "Let it recur no more?", self._ways(schedule), "keep") == "stop"
            ):
                self.post_message(ScheduleStopRequested(schedule.schedule_id))

    def _ways(self, schedule: Schedule) -> tuple[Choice, ...]:
        due = clock_of(schedule.next_at, host(self).now())
        return (
            Choice("keep", "Keep it", f"every {schedule.every}, next at {due}"),
            Choice("stop", "Stop it", "what runs goes on, the next one is canceled"),
        )


def _not_a_limit(text: str) -> str:
    fits = text.strip().isdecimal() and len(text) <= len(f"{MOST:,}") and 0 < int(text) <= MOST
    return "" if fits else f"A number from 1 to {MOST:,}. To stop the lane, pause it."
