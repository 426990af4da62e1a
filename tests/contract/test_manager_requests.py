"""What was asked for is kept whole and found by its addresses, messages come whole: through any manager."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from tasktui.domain.events.base import NewEvent
from tasktui.domain.events.lifecycle import Log, TaskLinked
from tasktui.domain.events.registry import parsed
from tasktui.domain.events.work import (
    ContextCompacted,
    MessageCompleted,
    UsageContext,
    UsageMemory,
)
from tasktui.domain.filter import parse_filter
from tasktui.domain.query import TaskQuery
from tasktui.domain.spec import METADATA_BYTES, AgentWork, TaskSpec
from tasktui.domain.status import Status
from tasktui.manager.scripted import Gate
from tests.contract.managers import Room, reach, run, spec

WORK = AgentWork(
    preset="any", prompt="say hello", model="large", mode="plan", resume_session_id="s-0",
    allowed_tools=("read", "grep"), disallowed_tools=("rm",), use_mcp=False, attachments=("notes.txt",),
)  # fmt: skip


async def _found(room: Room, words: str) -> list[str]:
    query = TaskQuery(parse_filter(words, now=0))
    return [row.id for row in (await room.manager.page(query)).items]


@pytest.mark.feature(12, 15, 50, 51)
async def test_all_of_a_request_is_kept_and_a_retry_asks_for_the_same(room: Room) -> None:
    given = TaskSpec(
        work=WORK, metadata={"a": [1, "é"]}, logging_context={"user": "u"}, tags=("x",), retries=2, cwd="/",
        conversation_id="conv", owner="ann",
    )  # fmt: skip
    first = await room.manager.submit(given)
    assert (await room.manager.get(first.id)).spec == given
    await room.manager.cancel(first.id, force=True)
    await room.manager.wait(first.id, timeout_s=20)
    again = await room.manager.retry(first.id)
    assert again.spec == given
    assert json.loads((await room.manager.detail(again.id)).metadata or "") == {"a": [1, "é"]}


@pytest.mark.feature(15)
def test_metadata_has_a_limit() -> None:
    fits = {"x": "é" * ((METADATA_BYTES - 8) // 2)}
    assert spec("quick", metadata=fits).metadata == fits
    for field in ("metadata", "logging_context"):
        with pytest.raises(ValidationError, match="at most 64 KiB"):
            spec("quick", **{field: {"x": "é" * (METADATA_BYTES // 2)}})


@pytest.mark.feature(1, 9, 10, 11)
@pytest.mark.parametrize(
    ("field", "word"),
    [("client_id", "client"), ("conversation_id", "conversation"), ("agent_id", "agent"), ("owner", "owner")],
)
async def test_a_task_is_found_by_its_addresses_newest_first(room: Room, field: str, word: str) -> None:
    mine = [await run(room, "quick", **{field: "mine"}) for _ in range(3)]
    other = await run(room, "quick", **{field: "other"})
    nobodys = await run(room, "quick")
    assert await _found(room, f"{word}:mine") == mine[::-1]
    assert await _found(room, f"{word}:mine,other") == [other, *mine[::-1]]
    assert await _found(room, f"!{word}:mine") == [nobodys, other]


@pytest.mark.feature(7, 8)
async def test_links_that_a_task_learns_are_kept(room: Room) -> None:
    room.executor.scripts["linked"] = [
        TaskLinked(session_id="s", thread_id="t"), TaskLinked(conversation_id="c", turn_id="n")
    ]  # fmt: skip
    row = (await room.manager.get(await run(room, "linked", conversation_id="new"))).row
    assert (row.session_id, row.thread_id, row.turn_id, row.conversation_id) == ("s", "t", "n", "c")


@pytest.mark.feature(122, 123)
async def test_whole_messages_and_figures_of_the_context(room: Room) -> None:
    whole = MessageCompleted(
        message_id="m", role="agent", content="Hello", reasoning="polite", usage={"input_tokens": 7}
    )
    compacted = ContextCompacted(trigger="auto", message="half of it")
    passing = (
        UsageMemory(rss_bytes=5, cpu_s=1.5),
        UsageContext(used_tokens=5, max_tokens=10),
        Log(level="debug", message="look"),
    )
    room.executor.scripts["figures"] = [Gate("go"), *passing, whole, compacted, Gate("end")]
    task = await room.manager.submit(spec("figures"))
    await reach(room, task.id, "task.started")
    heard = []
    async for event in room.manager.subscribe(task.id):
        if event.type == "stream.snapshot":
            room.executor.open_gate("go")
        elif isinstance(event, NewEvent):
            heard.append(event.data)
        elif event.type == "context.compacted":
            room.executor.open_gate("end")
    assert [data for data in heard if data in passing] == list(passing)
    stored = (await room.manager.timeline(task.id, types=[whole.TYPE, compacted.TYPE])).items
    assert [parsed(event) for event in stored] == [whole, compacted]
    row = (await room.manager.get(task.id)).row
    assert (row.status, row.context_used, row.context_max) == (Status.COMPLETED, 5, 10)
