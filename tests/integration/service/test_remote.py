"""What a screen of another process sees of a real manager, over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tasktui.artifacts.files import FileArtifacts
from tasktui.domain.errors import AmbiguousTaskError, NotFoundError, OwnerError, StateError, TaskConflictError
from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.people import InputRequested
from tasktui.domain.events.work import MessageDelta, ToolCompleted, ToolStarted
from tasktui.domain.query import TaskQuery
from tasktui.domain.records import StoredEvent
from tasktui.domain.requests import Answer, Interest, Message, Metadata
from tasktui.domain.spec import TaskSpec
from tasktui.domain.status import Kind, Status
from tasktui.manager.clock import RandomIds, SystemClock
from tasktui.manager.manager import LocalManager
from tasktui.manager.scripted import Gate, Listen, Output, ScriptedExecutor, Step
from tasktui.service.client import RemoteManager
from tasktui.service.owner import OwnerLock
from tasktui.service.server import Service, serving
from tasktui.store.memory import MemoryStore

GATE = Gate("go")
SCRIPTS: dict[str, list[Step]] = {
    "quick": [],
    "waits": [GATE],
    "talks": [
        ToolStarted(call_id="c1", name="bash", input="ls"),
        ToolCompleted(call_id="c1", output="a\nb", duration_ms=3),
        Output("hello\n"),
        Output("\xff oops\n", stream=2),
        GATE,
    ],
    "asks": [InputRequested(request_id="r1", question="which?", options=("a", "b")), Listen()],
    "streams": [*(MessageDelta(message_id="m", delta=f"{n} ") for n in range(50)), GATE],
}


@dataclass
class Both:
    """A manager, and the same one from outside."""

    local: LocalManager
    remote: RemoteManager
    executor: ScriptedExecutor
    service: Service
    lock: OwnerLock

    def spec(self, name: str, **more: object) -> TaskSpec:
        return TaskSpec.model_validate({"work": {"kind": "shell", "argv": [name]}, "name": name, **more})

    async def running(self, name: str) -> str:
        task = await self.remote.submit(self.spec(name))
        async with asyncio.timeout(20):
            while (await self.remote.get(task.id)).row.status != Status.RUNNING:
                await asyncio.sleep(0.01)
        return task.id


@pytest.fixture
async def both(own_home: Path) -> AsyncIterator[Both]:
    lock = OwnerLock.acquire(own_home)
    assert lock is not None
    executor = ScriptedExecutor(SCRIPTS)
    clock = SystemClock()
    files = FileArtifacts(own_home, clock)
    local = LocalManager(
        home=own_home,
        store=MemoryStore(),
        executors={Kind.SHELL: executor},
        artifacts=files,
        outputs=executor.outputs,
        clock=clock,
        ids=RandomIds(),
    )
    await local.open()
    remote = RemoteManager(own_home)
    async with serving(local, lock) as service:
        lock.announce(1)
        yield Both(local, remote, executor, service, lock)
        await remote.close()
    await local.close("cancel")
    await files.close()
    lock.release()


async def test_a_task_is_the_same_from_both_sides(both: Both) -> None:
    spec = both.spec("quick", tags=["x", "y"], timeout_s=60)
    task = await both.remote.submit(spec, env={"A": "1"})
    assert task.spec == spec
    row = await both.remote.wait(task.id, timeout_s=20)
    assert row.status == Status.COMPLETED
    assert row == (await both.local.get(task.id)).row
    assert await both.remote.detail(task.id) == await both.local.detail(task.id)
    assert await both.remote.timeline(task.id) == await both.local.timeline(task.id)
    assert await both.remote.page(TaskQuery()) == await both.local.page(TaskQuery())
    assert await both.remote.count(TaskQuery()) == 1
    assert await both.remote.counts() == await both.local.counts()
    assert list(await both.remote.lanes()) == list(await both.local.lanes())
    assert (await both.remote.stats()).counts == (await both.local.stats()).counts
    assert await both.remote.busy() == 0


async def test_a_task_id_of_the_caller_is_its_own_and_taken_once(both: Both) -> None:
    assert (await both.remote.submit(both.spec("quick"), task_id="mine-1")).id == "mine-1"
    with pytest.raises(TaskConflictError):
        await both.remote.submit(both.spec("quick"), task_id="mine-1")
    await both.remote.submit(both.spec("quick"), task_id="mine-2")
    with pytest.raises(AmbiguousTaskError) as caught:
        await both.remote.get("mine")
    assert set(caught.value.candidates) == {"mine-1", "mine-2"}


@pytest.mark.parametrize("task_id", ["nope", "", "..", "a/b", "%2e", " ", "x?y", "ü"])
async def test_what_is_not_there_is_not_found(both: Both, task_id: str) -> None:
    with pytest.raises(NotFoundError):
        await both.remote.get(task_id)
    with pytest.raises(NotFoundError):
        async for _ in both.remote.subscribe(task_id):
            pass


async def test_output_tools_and_their_pages(both: Both) -> None:
    task_id = await both.running("talks")
    async with asyncio.timeout(20):
        # to its gate: what is still on its way would come between the two looks
        while b"oops" not in (await both.remote.output(task_id)).data:
            await asyncio.sleep(0.01)
        while "tool.completed" not in [one.type for one in (await both.remote.timeline(task_id)).items]:
            await asyncio.sleep(0.01)
    assert await both.remote.tools(task_id) == await both.local.tools(task_id)
    assert await both.remote.output(task_id) == await both.local.output(task_id)
    assert (await both.remote.output(task_id, offset=-3)).data == (
        await both.local.output(task_id, offset=-3)
    ).data
    assert await both.remote.artifacts(task_id) == await both.local.artifacts(task_id)
    both.executor.open_gate("go")
    await both.remote.wait(task_id, timeout_s=20)


async def test_acts_have_the_same_effect_and_the_same_refusals(both: Both) -> None:
    held = await both.remote.submit(both.spec("waits", held=True))
    assert (await both.remote.set_priority(held.id, 7)).priority == 7
    assert (await both.remote.hold(held.id, reason="later", until=4_102_444_800_000)).held_until == (
        4_102_444_800_000
    )
    assert not (await both.remote.release(held.id)).held
    with pytest.raises(TimeoutError):
        await both.remote.wait(held.id, timeout_s=0.05)
    result = await both.remote.cancel(held.id, reason="enough")
    assert result.disposition in {"requested", "canceled"}
    assert (await both.remote.wait(held.id, timeout_s=20)).status == Status.CANCELED
    assert (await both.remote.cancel(held.id)).disposition == "already_finished"
    with pytest.raises(StateError):
        await both.remote.hold(held.id)
    assert (await both.remote.archive(held.id)).archived_at
    assert (await both.remote.ack(held.id)).acked_at
    again = await both.remote.retry(held.id)
    assert again.row.retry_of == held.id
    await both.remote.cancel(again.id, force=True)
    await both.remote.wait(again.id, timeout_s=20)
    detail = await both.remote.record_metadata(
        again.id, Metadata(gate={"id": "g1", "gate": "test", "status": "passed"})
    )
    assert [row.kind for row in detail.evidence] == ["gate"]
    assert await both.remote.purge([held.id, again.id]) == 2
    assert (await both.remote.set_lane("gpu", limit=2)).limit == 2


async def test_messages_and_answers_arrive(both: Both) -> None:
    task_id = await both.running("asks")
    async with asyncio.timeout(20):
        while (await both.remote.get(task_id)).row.attention == "none":
            await asyncio.sleep(0.01)
    request = await both.remote.answer(task_id, Answer(request_id="r1", text="b"))
    assert request.decision == "b"
    await both.remote.wait(task_id, timeout_s=20)
    other = await both.running("waits")
    sent = await both.remote.intervene(other, Message("hurry", client_token="t1"))
    twice = await both.remote.intervene(other, Message("hurry", client_token="t1"))
    assert sent.intervention_id == twice.intervention_id
    both.executor.open_gate("go")
    await both.remote.wait(other, timeout_s=20)


async def test_search_finds_what_a_task_said(both: Both) -> None:
    task = await both.remote.submit(both.spec("quick"))
    await both.remote.wait(task.id, timeout_s=20)
    assert await both.remote.search("quick") == await both.local.search("quick")


@pytest.mark.feature(81, 82, 94)
async def test_a_subscription_replays_follows_and_ends(both: Both) -> None:
    task_id = await both.running("waits")
    seen: list[StoredEvent | NewEvent] = []
    async with asyncio.timeout(20):
        async for event in both.remote.subscribe(task_id):
            if not seen:
                both.executor.open_gate("go")
            seen.append(event)
    assert seen[0].type == "stream.snapshot"
    assert seen[-1].type == "stream.end"
    stored = [event for event in seen if isinstance(event, StoredEvent)]
    assert tuple(stored) == (await both.local.timeline(task_id)).items
    again = [event async for event in both.remote.subscribe(task_id, after=2)]
    assert [event.seq for event in again if isinstance(event, StoredEvent)] == [
        event.seq for event in stored if event.seq > 2
    ]


@pytest.mark.feature(87)
async def test_transient_events_come_too(both: Both) -> None:
    task = await both.remote.submit(both.spec("streams", held=True))
    text = ""
    async with asyncio.timeout(20):
        async for event in both.remote.subscribe(task.id):
            if event.type == "stream.snapshot":
                await both.remote.release(task.id)
            elif isinstance(event, NewEvent) and isinstance(event.data, MessageDelta):
                text += event.data.delta
                if text.endswith("49 "):
                    both.executor.open_gate("go")
    assert text.split() == [str(number) for number in range(50)]


async def test_changes_follow_what_the_screen_looks_at(both: Both) -> None:
    interest = Interest(min_interval_s=0.02)
    first, other = await both.running("waits"), await both.running("talks")
    changes = both.remote.changes(interest)
    async with asyncio.timeout(20):
        assert (await anext(changes)).reread
        interest.task_id = other
        found = await anext(changes)
        while not found.reread:
            found = await anext(changes)
        both.executor.open_gate("go")
        rows, tail = {}, []
        while len(rows) < 2 or not tail:
            found = await anext(changes)
            rows |= {row.id: row for row in found.rows if row.finished_at}
            tail += found.tail
    assert set(rows) == {first, other}
    assert {event.task_id for event in tail} == {other}
    await changes.aclose()


async def test_looking_elsewhere_does_not_hide_what_troubles_the_owner(both: Both) -> None:
    """Nothing else may come for long: where nothing can be stored nothing changes."""
    interest = Interest(min_interval_s=0.02)
    other = await both.running("waits")
    both.local._core.bus.set_degraded("The disk is full.")
    changes = both.remote.changes(interest)
    async with asyncio.timeout(20):
        assert (await anext(changes)).degraded == "The disk is full."
        interest.task_id = other
        found = await anext(changes)
        while not found.reread:
            found = await anext(changes)
    assert found.degraded == "The disk is full."
    await changes.aclose()


async def test_the_service_ends_at_once_with_streams_open(both: Both) -> None:
    task_id = await both.running("waits")
    events = both.remote.subscribe(task_id)
    changes = both.remote.changes(Interest())
    await anext(events)
    await anext(changes)
    both.service.stop()
    async with asyncio.timeout(20):
        while both.lock.socket.exists() or both.service.activity.open:
            await asyncio.sleep(0.01)
    await events.aclose()
    await changes.aclose()
    with pytest.raises(OwnerError):
        await both.remote.counts()


async def test_a_screen_that_leaves_is_forgotten(both: Both) -> None:
    task_id = await both.running("waits")
    events = both.remote.subscribe(task_id)
    await anext(events)
    assert both.service.activity.open
    await events.aclose()
    async with asyncio.timeout(20):
        while both.service.activity.open or (await both.local.stats()).subscribers:
            await asyncio.sleep(0.01)


async def test_last_event_id_goes_before_after(both: Both) -> None:
    task = await both.remote.submit(both.spec("quick"))
    await both.remote.wait(task.id, timeout_s=20)
    transport = httpx.AsyncHTTPTransport(uds=str(both.lock.socket))
    async with httpx.AsyncClient(transport=transport, base_url="http://x", timeout=40) as client:
        answer = await client.get(f"/v1/tasks/{task.id}/events?after=0", headers={"Last-Event-ID": "2"})
    ids = [int(line[4:]) for line in answer.text.splitlines() if line.startswith("id: ")]
    assert ids[0] == 3
    assert answer.headers["content-type"].startswith("text/event-stream")


async def test_a_stream_that_loses_its_owner_goes_on_where_it_was(both: Both) -> None:
    task_id = await both.running("waits")
    events = both.remote.subscribe()
    seen = [await anext(events)]
    while seen[-1].type != "task.started":
        seen.append(await anext(events))
    both.service.stop()
    async with asyncio.timeout(20):
        while both.lock.socket.exists():
            await asyncio.sleep(0.01)
    both.executor.open_gate("go")
    await both.local.wait(task_id, timeout_s=20)
    async with asyncio.timeout(20), serving(both.local, both.lock):
        while seen[-1].type != "task.finished":
            seen.append(await anext(events))
        await events.aclose()
    gids = [event.gid for event in seen if isinstance(event, StoredEvent)]
    assert gids == list(range(1, len(gids) + 1)), "none lost, none twice"
    assert "stream.gap" in [event.type for event in seen]


async def test_a_screen_is_told_while_its_owner_is_away(both: Both) -> None:
    changes = both.remote.changes(Interest(min_interval_s=0.02))
    await anext(changes)
    both.service.stop()
    async with asyncio.timeout(20):
        while not (await anext(changes)).degraded:
            pass
        async with serving(both.local, both.lock):
            found = await anext(changes)
            while found.degraded:
                found = await anext(changes)
            assert found.reread
            await changes.aclose()


async def test_after_hanging_up_streams_end_and_requests_are_refused(both: Both) -> None:
    events = both.remote.subscribe()
    await anext(events)
    await both.remote.close()
    async with asyncio.timeout(20):
        assert [event async for event in events if event.type == "stream.end"] == []
    with pytest.raises(OwnerError):
        await both.remote.counts()


async def test_a_spec_of_half_a_character_is_refused_not_stored(both: Both) -> None:
    transport = httpx.AsyncHTTPTransport(uds=str(both.lock.socket))
    async with httpx.AsyncClient(transport=transport, base_url="http://x", timeout=40) as client:
        body = b'{"spec": {"work": {"kind": "shell", "argv": ["\\ud800"]}}}'
        answer = await client.post("/v1/tasks", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert await both.remote.count(TaskQuery()) == 0
