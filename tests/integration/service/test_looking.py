"""Beside the owner's socket is one on which nothing can be changed, whatever is asked there."""

from __future__ import annotations

import re
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tasktui.service.looking import LOOKING, only_looks
from tasktui.service.places import readonly_path, socket_path
from tasktui.store.memory import MemoryStore
from tests.contract.managers import Room, remote, spec

READING_POSTS = {"/v1/tasks/page", "/v1/tasks/count", "/v1/changes/{stream}"}


@asynccontextmanager
async def watched(home: Path) -> AsyncIterator[tuple[Room, httpx.AsyncClient]]:
    """An owner, and a client at the door where one may only look."""
    async with remote(home, MemoryStore()) as room:
        transport = httpx.AsyncHTTPTransport(uds=str(readonly_path(socket_path(home))))
        async with httpx.AsyncClient(transport=transport, base_url="http://x", timeout=30) as client:
            yield room, client


async def routes(client: httpx.AsyncClient) -> list[tuple[str, str]]:
    paths = (await client.get("/v1/openapi.json")).json()["paths"]
    return [(method.upper(), path) for path, told in paths.items() for method in told]


async def test_every_route_that_changes_something_is_refused(own_home: Path) -> None:
    async with watched(own_home) as (room, client):
        task = await room.manager.submit(spec("wait"))
        before = (await room.manager.stats()).events
        asked = [one for one in await routes(client) if one[0] != "GET" and one[1] not in READING_POSTS]
        assert len(asked) > 20
        for method, path in asked:
            answer = await client.request(method, re.sub(r"{\w+}", task.id, path), json={})
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "REFUSED"), path
        assert (await room.manager.stats()).events >= before
        assert (await room.manager.get(task.id)).row.cancel_requested_at is None


async def test_every_route_that_reads_is_answered(own_home: Path) -> None:
    async with watched(own_home) as (room, client):
        task = await room.manager.submit(spec("quick"))
        await room.manager.wait(task.id, timeout_s=30)
        asked = [one for one in await routes(client) if one[0] == "GET" or one[1] in READING_POSTS]
        assert len(asked) > 15
        for method, path in asked:
            if path in {"/v1/events", "/v1/changes"}:
                continue  # these go on
            where = re.sub(r"{\w+}", task.id, path)
            answer = await client.request(method, where, json={} if method == "POST" else None)
            assert answer.status_code != 403, path


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/tasks"), ("DELETE", "/v1/tasks/x"), ("PUT", "/v1/tasks/x"), ("PATCH", "/v1/tasks/x"),
        ("HEAD", "/v1/tasks"), ("OPTIONS", "/v1/tasks"), ("GET", "/v2/tasks"), ("GET", "/"),
        ("get", "/v1/tasks"), ("POST", "/v1/tasks/page/"), ("POST", "/v1/tasks/page\n"),
        ("POST", "/v1/tasks/x/cancel"),
        ("POST", "/v1/tasks/page/cancel"), ("POST", "//v1/tasks/page"), ("GET", "/v1/tasks/x/cancel"),
        ("POST", "/v1/changes/a/b"), ("GET", "/v1/metrics"), ("POST", "/compat/soul/execute"),
    ],
)  # fmt: skip
def test_what_is_not_on_the_list_is_refused(method: str, path: str) -> None:
    assert not only_looks(method, path)


def test_the_list_is_of_reading_alone() -> None:
    assert set(LOOKING) == {"GET", "POST"}
    assert {re.sub("{}", "{stream}", path) for path in LOOKING["POST"]} == READING_POSTS


async def test_its_socket_is_for_nobody_else_and_goes_with_the_owner(own_home: Path) -> None:
    async with watched(own_home):
        path = readonly_path(socket_path(own_home))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


async def test_a_stream_is_followed_there(own_home: Path) -> None:
    async with watched(own_home) as (room, client):
        task = await room.manager.submit(spec("quick"))
        await room.manager.wait(task.id, timeout_s=30)
        told = (await client.get(f"/v1/tasks/{task.id}/events")).text
        assert "event: task.finished" in told


async def test_the_path_fits_where_the_owner_s_does(own_home: Path) -> None:
    for home in (own_home, Path("/") / ("x" * 90), Path("/") / ("x" * 300)):
        assert len(str(readonly_path(socket_path(home)))) <= 107
