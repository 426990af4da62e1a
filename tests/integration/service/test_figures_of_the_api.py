"""Whether an owner would act, its figures for Prometheus, request ids, what of a request is in the log."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tasktui.domain.errors import DiskFullError
from tasktui.domain.ports.store import Change, Committed, Conflict
from tasktui.service.places import socket_path
from tasktui.store.memory import MemoryStore
from tests.contract.managers import remote, run, spec


class Full(MemoryStore):
    """A store on a disk that may be full."""

    full = False

    async def commit(self, batch: Sequence[Change]) -> Sequence[Committed | Conflict]:
        if self.full:
            raise DiskFullError
        return await super().commit(batch)


def client(home: Path) -> httpx.AsyncClient:
    transport = httpx.AsyncHTTPTransport(uds=str(socket_path(home)))
    return httpx.AsyncClient(transport=transport, base_url="http://x", timeout=30)


async def figures(asking: httpx.AsyncClient) -> dict[tuple[str, ...], float]:
    answer = await asking.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


@pytest.mark.feature(163)
async def test_the_figures_follow_what_happens(own_home: Path) -> None:
    async with remote(own_home, MemoryStore()) as room, client(own_home) as asking:
        before = await figures(asking)
        await run(room, "quick")
        await run(room, "fail")
        await room.manager.submit(spec("quick", held=True))
        await asking.get("/v1/tasks/nothing")
        after = await figures(asking)
    assert before["tasktui_tasks", "completed"] == 0
    assert after["tasktui_tasks", "completed"] == after["tasktui_tasks", "failed"] == 1
    assert after["tasktui_tasks", "queued"] == after["tasktui_tasks_held",] == 1
    assert after["tasktui_events_total",] > before["tasktui_events_total",]
    assert after["tasktui_commit_seconds_count",] > before["tasktui_commit_seconds_count",]
    assert after["tasktui_commit_seconds_sum",] > 0
    assert after["tasktui_api_requests_total", "owner", "404"] == 1
    assert after["tasktui_lane_limit", "one"] == 1
    assert after["tasktui_degraded",] == after["tasktui_subscriber_lag_events",] == 0
    assert {("tasktui_subscribers",), ("tasktui_subscriber_gaps_total",), ("tasktui_events_waiting",)} <= {
        *after
    }


async def test_without_the_extra_a_sentence_says_what_to_install(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "tasktui.service.metrics", raising=False)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    async with remote(own_home, MemoryStore()), client(own_home) as asking:
        answer = await asking.get("/metrics")
    assert answer.status_code == 501
    assert "tasktui[metrics]" in answer.json()["error"]["message"]


async def test_an_owner_that_cannot_store_is_not_ready(own_home: Path) -> None:
    store = Full()
    async with remote(own_home, store) as room, client(own_home) as asking:
        assert (await asking.get("/v1/ready")).json() == {"ready": True, "reason": None}
        store.full = True
        with pytest.raises(DiskFullError):
            await room.manager.submit(spec("quick"))
        answer = await asking.get("/v1/ready")
        assert (answer.status_code, answer.json()["ready"]) == (503, False)
        assert "No room is left" in answer.json()["reason"]
        assert (await asking.get("/v1/health")).status_code == 200
        store.full = False
        await run(room, "quick")
        assert (await asking.get("/v1/ready")).status_code == 200


@pytest.mark.parametrize("given", ["abc-1.2_X", "a" * 64])
async def test_a_request_keeps_the_id_that_it_came_with(own_home: Path, given: str) -> None:
    async with remote(own_home, MemoryStore()), client(own_home) as asking:
        assert (await asking.get("/v1/health", headers={"x-request-id": given})).headers[
            "x-request-id"
        ] == given


@pytest.mark.parametrize("given", ["", "a b", "a" * 65, "<script>", "\x1b[31m".replace("\x1b", "~")])
async def test_an_id_that_is_not_sane_is_replaced(own_home: Path, given: str) -> None:
    async with remote(own_home, MemoryStore()), client(own_home) as asking:
        found = (await asking.get("/v1/health", headers={"x-request-id": given})).headers["x-request-id"]
    assert found != given
    assert len(found) == 16


@pytest.mark.feature(153)
async def test_the_log_of_requests_says_what_was_done_and_nothing_of_what_was_said(
    own_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "tasktui")
    async with remote(own_home, MemoryStore()) as room, client(own_home) as asking:
        await room.manager.submit(spec("quick", name="canary-in-the-body"))
        headers = {
            "x-request-id": "by-this-id",
            "authorization": "Bearer canary-in-a-header",
            "cookie": "canary=1",
        }
        await asking.get("/v1/search?text=canary-in-the-query&token=canary", headers=headers)
        await asking.post(
            "/v1/tasks", json={"spec": "canary-not-a-spec"}, headers={"x-request-id": "refused"}
        )
        await asking.get("/v1/tasks/a%0a%1b[31mb")
    lines = [one.getMessage() for one in caplog.records if one.name == "tasktui.service.recording"]
    assert "canary" not in "\n".join(lines)
    assert any(
        line.startswith("owner GET /v1/search 200 ") and line.endswith(" by-this-id") for line in lines
    )
    assert any(line.startswith("owner POST /v1/tasks 400 ") and line.endswith(" refused") for line in lines)
    assert any("/v1/tasks/a%0a%1b[31mb 404" in line for line in lines)
    levels = {
        one.getMessage().split()[1]: one.levelno for one in caplog.records if " 201 " in one.getMessage()
    }
    assert levels["POST"] == logging.INFO, "what acts is in the log of everyday"
