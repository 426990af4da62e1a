"""Lists by client, request, session and delivery: the same in every store."""

from __future__ import annotations

import pytest

from tasktui.domain.events import lifecycle
from tasktui.domain.filter import parse_filter
from tasktui.domain.ports.store import Store
from tasktui.domain.query import Cursor, TaskQuery
from tests.contract.facts import created, ended, put, running


async def _variety(store: Store) -> None:
    await running(store, "run", client_id="c", request_id="2", session_id="s")
    await ended(store, "told", client_id="c", request_id="1", session_id="t")
    await put(store, "told", lifecycle.TaskDelivered(), run=1)
    await ended(store, "acked", client_id="c", request_id="1", session_id="s")
    await put(store, "acked", lifecycle.TaskDelivered(), lifecycle.TaskAcked(), run=1)
    await ended(store, "alone", session_id="t")
    await ended(store, "fresh", client_id="d", request_id="1", conversation_id="v")
    await put(store, "wait", created(held=True, client_id="c", request_id="1", session_id="s"))


@pytest.mark.feature(6, 11, 135)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("client:c", ["wait", "acked", "told", "run"]),
        ("client:c,d", ["wait", "fresh", "acked", "told", "run"]),
        ("client:c request:1", ["wait", "acked", "told"]),
        ("client:c !request:1", ["run"]),
        ("request:1", ["wait", "fresh", "acked", "told"]),
        ("session:s", ["wait", "acked", "run"]),
        ("session:s,t status:finished", ["alone", "acked", "told"]),
        ("!session:s", ["fresh", "alone", "told"]),
        ("conversation:v", ["fresh"]),
        ("undelivered:yes", ["fresh"]),
        ("undelivered:no", ["wait", "alone", "acked", "told", "run"]),
        ("unacked:yes", ["fresh", "told"]),
        ("unacked:yes client:c", ["told"]),
        ("acked:yes", ["acked"]),
        ("acked:no client:c", ["wait", "told", "run"]),
        ("!acked:yes session:s", ["wait", "run"]),
    ],
)
async def test_addresses_and_delivery(store: Store, text: str, expected: list[str]) -> None:
    await _variety(store)
    query = TaskQuery(parse_filter(text, now=0))
    assert [row.id for row in (await store.page(query, limit=9)).items] == expected
    assert await store.count(query) == len(expected)


async def test_addressed_lists_page_in_both_directions(store: Store) -> None:
    for number in range(6):
        await ended(store, f"t{number}", client_id="c" if number % 2 else "d", session_id="s")
    query = TaskQuery(parse_filter("client:c,d session:s", now=0))
    first = await store.page(query, limit=2)
    assert ([row.id for row in first.items], first.more) == (["t5", "t4"], True)
    place = Cursor(first.items[-1].created_seq, first.items[-1].created_seq)
    assert [row.id for row in (await store.page(query, after=place, limit=2)).items] == ["t3", "t2"]
    assert [row.id for row in (await store.page(query, before=place, limit=2)).items] == ["t5"]
    archived = TaskQuery(query.terms, archived=True)
    await put(store, "t3", lifecycle.TaskArchived(), run=1)
    assert [row.id for row in (await store.page(archived)).items] == ["t3"]
