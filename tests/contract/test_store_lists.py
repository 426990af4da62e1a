"""What every store answers to lists, counters, the scheduler, retention and the search."""

from __future__ import annotations

import pytest

from tasktui.domain.events import lifecycle, people, work
from tasktui.domain.filter import parse_filter
from tasktui.domain.ports.store import Store
from tasktui.domain.query import Sort, TaskQuery
from tasktui.domain.selection import cursor_of
from tasktui.domain.status import Group, Reason, Status
from tests.contract.facts import T0, created, ended, events, finished, put, running


async def _ids(store: Store, query: TaskQuery) -> list[str]:
    return [row.id for row in (await store.page(query)).items]


@pytest.mark.parametrize("sort", ["created", "updated", "finished", "duration", "priority", "title"])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.feature(11)
async def test_pages_meet_without_gap_or_overlap_both_ways(
    store: Store, sort: Sort, *, reverse: bool
) -> None:
    for number in range(9):
        task_id = f"t{number}"
        await put(store, task_id, created(f"Job {number % 3}", priority=number % 2), ts=T0 + number % 4)
        if number % 2:
            await put(store, task_id, finished(Status.FAILED, duration_ms=number % 3), ts=T0 + 10)
    query = TaskQuery(sort=sort, reverse=reverse)
    whole = (await store.page(query)).items
    assert len(whole) == 9
    first = await store.page(query, limit=4)
    second = await store.page(query, after=cursor_of(first.items[-1], query), limit=4)
    third = await store.page(query, after=cursor_of(second.items[-1], query), limit=4)
    assert first.items + second.items + third.items == whole
    assert (first.more, second.more, third.more) == (True, True, False)
    back = await store.page(query, before=cursor_of(third.items[0], query), limit=4)
    assert back.items == second.items
    assert back.more
    assert (await store.page(query, skip=3, limit=2)).items == whole[3:5]
    assert (await store.page(query, after=cursor_of(whole[1], query), skip=2, limit=2)).items == whole[4:6]


@pytest.mark.parametrize("sort", ["created", "updated", "finished", "duration", "priority", "title"])
async def test_a_section_holds_its_own_tasks_in_every_order(store: Store, sort: Sort) -> None:
    await _variety(store)
    sections = {group: set(await _ids(store, TaskQuery(group=group, sort=sort))) for group in Group}
    assert sections == {
        Group.NEEDS_YOU: {"ask"}, Group.RUNNING: {"run"}, Group.QUEUED: {"wait"}, Group.FINISHED: {"bad"}
    }  # fmt: skip


async def _variety(store: Store) -> None:
    await running(store, "run", prompt="build the house", lane="gpu", tags=("x",))
    await put(store, "ask", created("write Poetry", agent=True, name="poems"))
    await put(store, "ask", lifecycle.TaskStarted(), run=1)
    await put(
        store, "ask",
        people.InputRequested(request_id="q", question="which?"),
        work.ToolStarted(call_id="1", name="Bash", input="cat stanza.txt"),
        run=1,
    )  # fmt: skip
    await put(store, "wait", created("true", held=True, client_id="c", exclusive_key="k"), ts=T0 + 1000)
    await ended(store, "bad", Status.FAILED, lane="gpu", prompt="build 100%_it", client_id="c")
    await ended(store, "good", tags=("x", "y"), owner="ann", conversation_id="conv")
    await put(store, "good", lifecycle.TaskArchived(), run=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"run", "ask", "wait", "bad"}),
        ("status:failed", {"bad"}),
        ("status:active", {"run", "ask"}),
        ("status:failed,queued", {"bad", "wait"}),
        ("!status:active", {"wait", "bad"}),
        ("kind:agent", {"ask"}),
        ("lane:gpu", {"run", "bad"}),
        ("lane:gpu status:running", {"run"}),
        ("tag:x", {"run"}),
        ("!tag:x", {"ask", "wait", "bad"}),
        ("tool:bash", {"ask"}),
        ("!tool:bash", {"run", "wait", "bad"}),
        ("client:c", {"wait", "bad"}),
        ("!client:c", {"run", "ask"}),
        ("id:a,w", {"ask", "wait"}),
        ("needs:you", {"ask"}),
        ("needs:approval", set()),
        ("build", {"run", "bad"}),
        ("BUILD !house", {"bad"}),
        ('"100%_"', {"bad"}),
        ("poetry", {"ask"}),
        ("poems", {"ask"}),
        ("tr", {"wait", "ask"}),
        ("build status:failed", {"bad"}),
        ("text:stanza", {"ask"}),
        ("!text:stanza", {"run", "wait", "bad"}),
        ("age>1h", {"run", "ask", "wait", "bad"}),
        ("age<1h", set()),
        ("duration>1h", {"run", "ask"}),
        ("since:2h", {"wait"}),
        ("!since:2h", {"run", "ask", "bad"}),
        ("before:2h", {"run", "ask", "bad"}),
        ("undelivered:yes", {"bad"}),
        ("key:k", {"wait"}),
        ("key:k,other status:queued", {"wait"}),
        ("key:k status:active", set()),
        ("!key:k status:queued", set()),
    ],
)
@pytest.mark.feature(11, 135)
async def test_filters_mean_the_same_in_every_store(store: Store, text: str, expected: set[str]) -> None:
    await _variety(store)
    now = T0 + 2 * 3_600_000 + 500
    query = TaskQuery(parse_filter(text, now=now), now=now)
    assert set(await _ids(store, query)) == expected
    assert await store.count(query) == len(expected)


async def test_sections_and_the_archive(store: Store) -> None:
    await _variety(store)
    sections = {group: await _ids(store, TaskQuery(group=group)) for group in Group}
    assert sections == {
        Group.NEEDS_YOU: ["ask"], Group.RUNNING: ["run"], Group.QUEUED: ["wait"], Group.FINISHED: ["bad"],
    }  # fmt: skip
    assert [await store.count(TaskQuery(group=group)) for group in Group] == [1, 1, 1, 1]
    assert await _ids(store, TaskQuery(archived=True)) == ["good"]
    assert await store.count(TaskQuery(archived=True)) == 1


@pytest.mark.feature(163)
async def test_counters_follow_every_move(store: Store) -> None:
    await _variety(store)
    counts = await store.counts()
    assert dict(counts.by_status) == {Status.RUNNING: 2, Status.QUEUED: 1, Status.FAILED: 1}
    assert (counts.needs_you, counts.held, counts.archived, counts.total) == (1, 1, 1, 4)
    lanes = {(lane, status): number for lane, status, number in await store.lane_counts()}
    assert lanes == {
        ("gpu", Status.RUNNING): 1,
        ("default", Status.RUNNING): 1,
        ("default", Status.QUEUED): 1,
    }
    await put(store, "wait", lifecycle.TaskReleased(), lifecycle.TaskEdited(lane="gpu"))
    lanes = {(lane, status): number for lane, status, number in await store.lane_counts()}
    assert lanes[("gpu", Status.QUEUED)] == 1
    assert ("default", Status.QUEUED) not in lanes
    assert (await store.counts()).held == 0


async def test_an_edited_title_is_found_by_its_new_words(store: Store) -> None:
    await put(store, "a", created("first thought"))
    assert await _ids(store, TaskQuery(parse_filter("thought", now=0))) == ["a"]
    await put(store, "a", lifecycle.TaskEdited(title="second opinion"))
    assert await _ids(store, TaskQuery(parse_filter("opinion", now=0))) == ["a"]


async def test_ids_by_prefix(store: Store) -> None:
    for task_id in ("ab", "ab_1", "abc", "b%"):
        await put(store, task_id, created())
    assert await store.ids_like("ab", 2) == (["ab", "ab_1"], 3)
    assert await store.ids_like("b%", 5) == (["b%"], 1)
    assert await store.ids_like("a_", 5) == ([], 0)
    assert {row.id for row in await store.rows_of(["abc", "zz", "b%"])} == {"abc", "b%"}


@pytest.mark.feature(31, 35, 101)
async def test_what_may_start_comes_best_first(store: Store) -> None:
    now = T0 + 100
    await put(store, "old", created())
    await put(store, "urgent", created(priority=5))
    await put(store, "held", created(held=True))
    await put(store, "until", created(), lifecycle.TaskHeld(until=now + 50))
    await put(store, "child", created(depends_on=("parent",)))
    await running(store, "parent")
    await put(store, "other", created(lane="gpu"))
    assert [row.id for row in await store.claimable("default", now=now, limit=9)] == ["urgent", "old"]
    assert [row.id for row in await store.claimable("default", now=now, limit=1)] == ["urgent"]
    assert await store.next_due(now) == now + 50
    await put(store, "parent", finished(), run=1)
    await put(store, "urgent", finished(Status.CANCELED, Reason.CANCELED_BEFORE_START))
    claimable = [row.id for row in await store.claimable("default", now=now + 50, limit=9)]
    assert claimable == ["old", "until", "child"]
    assert await store.next_due(now + 50) is None


async def test_a_child_of_two_waits_for_both(store: Store) -> None:
    await ended(store, "p1")
    await running(store, "p2")
    await put(store, "child", created(depends_on=("p1", "p2")))
    assert await store.claimable("default", now=T0, limit=9) == []
    await put(store, "p2", finished(), run=1)
    assert [row.id for row in await store.claimable("default", now=T0, limit=9)] == ["child"]


@pytest.mark.feature(136, 137)
async def test_retention_names_the_oldest_and_spares_what_nobody_fetched(store: Store) -> None:
    for number in range(5):
        await ended(store, f"t{number}", ts=T0 + number, client_id="c" if number == 1 else None)
    await running(store, "live")
    assert await store.expired(finished_before=T0 + 3, keep=100, limit=9) == ["t0", "t2"]
    assert await store.expired(finished_before=0, keep=2, limit=9) == ["t0", "t2"]
    assert await store.expired(finished_before=T0 + 9, keep=100, limit=2) == ["t0", "t2"]
    await put(store, "t1", lifecycle.TaskAcked(), run=1)
    assert await store.expired(finished_before=T0 + 3, keep=100, limit=9) == ["t0", "t1", "t2"]


async def test_timelines_by_pages_types_and_text(store: Store) -> None:
    await running(store, "a")
    await put(store, "a", *(work.MessageCompleted(content=f"line {n}") for n in range(3, 9)), run=1)
    seqs = lambda page: [event.seq for event in page.items]  # noqa: E731  # one name for one expression
    page = await store.timeline("a", limit=3)
    assert (seqs(page), page.more) == ([1, 2, 3], True)
    assert seqs(await store.timeline("a", after_seq=3, limit=3)) == [4, 5, 6]
    last = await store.timeline("a", before_seq=9, limit=3)
    assert (seqs(last), last.more) == ([6, 7, 8], True)
    assert seqs(await store.timeline("a", after_seq=2, before_seq=5)) == [3, 4]
    assert seqs(await store.timeline("a", types=["task.created", "task.started"])) == [1, 2]
    assert seqs(await store.timeline("a", text="LINE 7")) == [7]
    assert seqs(await store.timeline("nobody")) == []


async def test_the_search_finds_everything_that_was_said_newest_first(store: Store) -> None:
    await ended(store, "a", prompt="look for a Needle")
    await running(store, "b", prompt="something")
    await put(
        store, "b",
        work.MessageCompleted(content='he said "needle" here'),
        work.ToolStarted(call_id="1", name="grep", input="needle *"),
        work.ToolCompleted(call_id="1", output="hay\nneedle\nhay"),
        people.InterventionQueued(intervention_id="i", text="a needle, please"),
        run=1,
    )  # fmt: skip
    await store.index_output("b", 1, "output with a needle")
    await put(store, "b", finished(result_inline="the needle"), run=1)
    page = await store.search("needle")
    found = [(hit.task_id, hit.source, hit.seq) for hit in page.items]
    assert found == [
        ("b", "result", 7), ("b", "output", None), ("b", "message", 6), ("b", "tool", 5), ("b", "tool", 4),
        ("b", "message", 3), ("a", "prompt", 1),
    ]  # fmt: skip
    assert 'said "needle" here' in page.items[5].excerpt
    assert page.items[-1].title == "look for a Needle"
    first = await store.search("needle", limit=3)
    assert first.more
    rest = await store.search("needle", before=first.items[-1].place)
    assert first.items + rest.items == page.items
    assert len((await store.search("ee")).items) == 7
    assert (await store.search("")).items == ()
    assert (await store.search('"')).items[0].source == "message"


async def test_the_database_has_a_size(store: Store) -> None:
    await running(store, "a")
    await store.set_live(events("a", lifecycle.TaskProgress(current=1)))
    assert await store.size_bytes() > 0
