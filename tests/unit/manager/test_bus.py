"""Subscribers and screens: nothing twice, nothing lost, nobody waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.lifecycle import TaskStatus
from tasktui.domain.events.work import MessageCompleted, MessageDelta
from tasktui.domain.records import StoredEvent
from tasktui.domain.requests import ChangeSet, Interest
from tasktui.domain.rows import Page
from tasktui.domain.status import Status
from tasktui.manager.limits import Limits
from tasktui.manager.scripted import Gate
from tasktui.store.memory import MemoryStore
from tests.unit.manager.local_manager import opened, until

SCRIPTS = {
    "quick": [],
    "chat": [Gate("go"), *(TaskStatus(message=f"{n}") for n in range(300)), Gate("end")],
    "stream": [
        Gate("go"),
        *(MessageDelta(message_id=f"m{n % 2}", delta=f"{n},") for n in range(2_000)),
        MessageCompleted(message_id="m0", content="whole"),
        Gate("end"),
    ],
}


@pytest.mark.feature(96)
async def test_work_knows_whether_anybody_hears_it(tmp_path: Path) -> None:
    async with opened(tmp_path, {"chat": [Gate("go")], "other": [Gate("go")]}) as place:
        task_id, other = await place.submit("chat"), await place.submit("other")
        works = place.executor.contexts
        await until(lambda: {task_id, other} <= works.keys())
        assert [works[one].has_subscribers for one in (task_id, other)] == [False, False]
        for stream, heard in (
            (place.manager.subscribe(task_id), [True, False]),
            (place.manager.subscribe(), [True, True]),
            (place.manager.subscribe(client_id="ann"), [True, True]),
            (place.manager.changes(Interest(other)), [False, True]),
        ):
            await anext(stream)
            assert [works[one].has_subscribers for one in (task_id, other)] == heard
            await stream.aclose()
            await until(lambda: not works[task_id].has_subscribers and not works[other].has_subscribers)
        place.executor.open_gate("go")


class SlowReads(MemoryStore):
    """Lets everything else happen between reading a page and handing it over."""

    async def timeline(
        self, task_id: str, *, after_seq: int = 0, before_seq: int | None = None, limit: int = 200,
        types: Sequence[str] = (), text: str | None = None,
    ) -> Page[StoredEvent]:  # fmt: skip
        before = await super().timeline(
            task_id, after_seq=after_seq, before_seq=before_seq, limit=limit, types=types, text=text
        )
        await asyncio.sleep(0.005)
        late = await super().timeline(
            task_id, after_seq=after_seq, before_seq=before_seq, limit=limit, types=types, text=text
        )
        return late if len(late.items) % 2 else before


@pytest.mark.feature(81, 95)
async def test_what_is_stored_while_the_log_is_read_comes_once(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS, store=SlowReads()) as place:
        task_id = await place.submit("chat")
        place.executor.open_gate("go")

        async def listen(after: int) -> list[int]:
            events = place.manager.subscribe(task_id, after=after)
            return [event.seq async for event in events if isinstance(event, StoredEvent)]

        listeners = [asyncio.ensure_future(listen(after)) for after in (0, 1, 2)]
        for _ in range(20):
            await asyncio.sleep(0.002)
            listeners.append(asyncio.ensure_future(listen(0)))
        place.executor.open_gate("end")
        heard = await asyncio.gather(*listeners)
        assert heard[0] == list(range(1, 304))
        assert heard[1] == heard[0][1:]
        assert all(seqs == heard[0] for seqs in heard[3:])


class Interrupted(MemoryStore):
    """Lets something happen once, between the last page of a log and what is looked up next."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def timeline(
        self, task_id: str, *, after_seq: int = 0, before_seq: int | None = None, limit: int = 200,
        types: Sequence[str] = (), text: str | None = None,
    ) -> Page[StoredEvent]:  # fmt: skip
        page = await super().timeline(
            task_id, after_seq=after_seq, before_seq=before_seq, limit=limit, types=types, text=text
        )
        if (meanwhile := self.meanwhile) is not None:
            self.meanwhile = None
            await meanwhile()
        return page


async def test_a_stream_ends_though_a_fact_comes_after_the_end_while_the_log_is_read(tmp_path: Path) -> None:
    """Who asked acknowledges at once: others who listen would have waited for the end for ever."""
    store = Interrupted()
    async with opened(tmp_path, SCRIPTS, store=store) as place:
        task_id = await place.submit("quick")
        await place.manager.wait(task_id)
        store.meanwhile = lambda: place.manager.ack(task_id)
        heard = [event.type async for event in place.manager.subscribe(task_id)]
        assert heard[-4:] == ["task.finished", "task.delivered", "task.acked", "stream.end"]


@pytest.mark.feature(80, 87, 90)
async def test_a_slow_subscriber_is_told_of_the_gap_and_gets_every_fact_from_the_log(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS, limits=Limits(subscriber_events=20)) as place:
        task_id = await place.submit("chat")
        seqs: list[int] = []
        gaps = 0
        async for event in place.manager.subscribe(task_id):
            if isinstance(event, StoredEvent):
                seqs.append(event.seq)
            gaps += event.type == "stream.gap"
            if event.type == "task.started":
                place.executor.open_gate("go")
                while (await place.manager.get(task_id)).row.last_seq < 302:
                    await asyncio.sleep(0.002)
                place.executor.open_gate("end")
        assert seqs == list(range(1, 304))
        assert gaps == 1
        assert (await place.manager.stats()).gaps == 1


@pytest.mark.feature(87, 96)
async def test_pieces_of_a_message_may_be_joined_but_none_is_lost(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS, limits=Limits(subscriber_events=20)) as place:
        task_id = await place.submit("stream")
        heard = {"m0": "", "m1": ""}
        pieces = 0
        async for event in place.manager.subscribe(task_id):
            if event.type == "task.started":
                place.executor.open_gate("go")
            if isinstance(event, NewEvent) and isinstance(event.data, MessageDelta):
                heard[event.data.message_id] += event.data.delta
                pieces += 1
            if event.type == "message.completed":
                place.executor.open_gate("end")
        assert heard["m0"] == "".join(f"{n}," for n in range(0, 2_000, 2))
        assert heard["m1"] == "".join(f"{n}," for n in range(1, 2_000, 2))
        assert pieces < 2_000


async def test_a_purge_ends_the_stream_and_the_waiting(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        task_id = await place.submit("quick")
        await place.manager.wait(task_id)
        assert place.manager._core.bus._waiters == {}
        assert await place.manager.purge([task_id]) == 1
        assert place.manager._core.bus._readers == {}


async def test_closing_ends_every_stream(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        task_id = await place.submit("quick", held=True)

        async def all_of(stream: object) -> int:
            return len([item async for item in stream])  # type: ignore[attr-defined]  # what a test may see

        streams = [
            asyncio.ensure_future(all_of(place.manager.subscribe(task_id))),
            asyncio.ensure_future(all_of(place.manager.subscribe())),
            asyncio.ensure_future(all_of(place.manager.changes(Interest()))),
        ]
        await until(lambda: place.manager._core.bus.subscribers == 3)
        await place.manager.close()
        assert all(await asyncio.gather(*streams))


@pytest.mark.parametrize("tasks", [30, 300])
async def test_a_screen_is_told_to_read_again_when_too_much_changed(tmp_path: Path, tasks: int) -> None:
    async with opened(tmp_path, SCRIPTS, limits=Limits(changed_rows=10)) as place:
        interest = Interest(min_interval_s=0.05)
        seen: list[ChangeSet] = []
        submitted = asyncio.Event()

        async def watch() -> None:
            async for changes in place.manager.changes(interest):
                seen.append(changes)
                await submitted.wait()
                if changes.counts is not None and changes.counts.of(Status.COMPLETED) == tasks:
                    return

        watching = asyncio.ensure_future(watch())
        await until(lambda: bool(seen))
        for _ in range(tasks):
            await place.submit("quick")
        submitted.set()
        await watching
        assert any(changes.reread for changes in seen[1:])
        assert all(len(changes.rows) <= 10 for changes in seen)
        started = place.executor.started
        assert len(started) == len(set(started)) == tasks


async def test_an_idle_screen_is_not_woken(tmp_path: Path) -> None:
    async with opened(tmp_path, SCRIPTS) as place:
        task_id = await place.submit("quick")
        await place.manager.wait(task_id)
        stream = place.manager.changes(Interest(min_interval_s=0.02))
        assert (await anext(stream)).reread
        woken = asyncio.ensure_future(anext(stream))
        await asyncio.wait({woken}, timeout=0.15)
        assert not woken.done()
        loop = asyncio.get_running_loop()
        scheduled = [timer for timer in loop._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]  # what a test may see
        assert len(scheduled) <= 2, "an idle manager has no timers; these are the test's own deadline"
        woken.cancel()
