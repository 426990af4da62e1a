"""Following the manager of another process: events and changes that go on over a lost connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from secrets import token_hex
from typing import Final

from httpx_sse import ServerSentEvent

from tasktui.domain.errors import InvalidError, NotFoundError, OwnerError
from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.system import StreamEnd, StreamGap, StreamSnapshot
from tasktui.domain.records import StoredEvent
from tasktui.domain.requests import ChangeSet, Interest
from tasktui.domain.wire import decode
from tasktui.domain.wire_answers import changes_from_object
from tasktui.domain.wire_events import event_from_line
from tasktui.service.frames import Frames
from tasktui.service.link import Link, Params, given
from tasktui.service.paths import task_path
from tasktui.service.reading import understood

_LOOK_S: Final = 0.1
"""How soon it is noticed that the screen looks elsewhere."""


class Following:
    """The streams of a `RemoteManager`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def subscribe(
        self, task_id: str | None = None, *, after: int = 0, client_id: str | None = None,
        agent_id: str | None = None,
    ) -> AsyncGenerator[StoredEvent | NewEvent, None]:  # fmt: skip
        """As `Manager.subscribe`; a lost connection is a `stream.gap`, and the log from there.

        Raises:
            OwnerError: no owner was found again.
            InvalidError: a task is named together with whose tasks are meant.
        """
        whose = given({"client_id": client_id, "agent_id": agent_id})
        if task_id is not None and whose:
            raise InvalidError(f"Follow one task, or those of a client or an agent: {task_id}", id=task_id)
        path = "/v1/events" if task_id is None else f"{task_path(task_id)}/events"
        place = _Place(after, of_task=task_id is not None, whose=whose)
        async with aclosing(Frames(self._link, path, place.params).read()) as frames:
            async for sent in frames:
                event = understood(_event, sent) if sent else None
                if sent is None:
                    place.lost = True
                if event is None:
                    continue
                yield place.pass_by(event)
                if isinstance(event, NewEvent) and isinstance(event.data, StreamEnd):
                    return

    async def changes(self, interest: Interest) -> AsyncGenerator[ChangeSet, None]:
        """As `Manager.changes`; while no owner answers the change set says so, and it is sought for ever."""
        aim = _Aim(self._link, interest)
        frames = Frames(
            self._link, "/v1/changes", aim.params, headers={"X-Stream": aim.stream}, for_ever=True
        ).read()
        coming, trouble = asyncio.ensure_future(anext(frames, _ENDED)), None
        try:
            while True:
                if await aim.follow():
                    yield ChangeSet(reread=True, degraded=trouble)
                done, _ = await asyncio.wait({coming}, timeout=_LOOK_S)
                if not done:
                    continue
                sent = coming.result()
                if isinstance(sent, _Ended):
                    return
                coming = asyncio.ensure_future(anext(frames, _ENDED))
                changes = understood(_changes, sent) if sent else self._lost()
                trouble = changes.degraded
                yield changes
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
            await frames.aclose()

    def _lost(self) -> ChangeSet:
        return ChangeSet(degraded=self._link.reach.lost(), lost=True)


class _Ended:
    """What comes after the last frame."""


_ENDED: Final = _Ended()


class _Place:
    """Where a subscription stands, for the next connection."""

    def __init__(self, after: int, *, of_task: bool, whose: Params) -> None:
        self.lost = False
        self._of_task = of_task
        self._whose = whose
        self._after = after
        self._gid = 0

    def params(self) -> Params:
        return {"after": self._after, **self._whose}

    def pass_by(self, event: StoredEvent | NewEvent) -> StoredEvent | NewEvent:
        """Note the position; the snapshot that begins another connection is a gap to the reader."""
        if isinstance(event, StoredEvent):
            self._after = event.seq if self._of_task else event.gid
            self._gid = event.gid
        elif self.lost and isinstance(event.data, StreamSnapshot):
            self.lost = False
            return event._replace(data=StreamGap(after_gid=self._gid, to_gid=event.data.gid))
        return event


class _Aim:
    """Tells the owner what the screen looks at, which the screen may change at any time."""

    def __init__(self, link: Link, interest: Interest) -> None:
        self.stream = token_hex(8)
        self._link = link
        self._interest = interest
        self._told = self._now()

    def params(self) -> Params:
        self._told = self._now()
        return {"task_id": self._told[0], "min_interval_s": self._told[1]}

    async def follow(self) -> bool:
        """Tell of another aim; whether the screen has to read what it may have missed meanwhile."""
        now = self._now()
        if now == self._told:
            return False
        try:
            body = {"task_id": now[0], "min_interval_s": now[1]}
            await self._link.ask("POST", f"/v1/changes/{self.stream}", body=body, again=True)
        except (NotFoundError, OwnerError):
            # the connection is being made anew, and begins with the aim of that moment
            return False
        self._told = now
        return True

    def _now(self) -> tuple[str | None, float]:
        return self._interest.task_id, self._interest.min_interval_s


def _changes(sent: ServerSentEvent) -> ChangeSet:
    return changes_from_object(decode(sent.data))


def _event(sent: ServerSentEvent) -> StoredEvent | NewEvent | None:
    """Return the event of a frame; None for an unstored one of a newer version."""
    try:
        return event_from_line(sent.data)
    except InvalidError:
        return None
