"""Whoever is told by a webhook is told of each thing once, over owners, and never slows a task."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tasktui.bootstrap.house import House, acquire
from tasktui.bootstrap.webhook import telling
from tasktui.config import Config
from tasktui.domain.errors import StoreError
from tasktui.domain.records import StoredEvent
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.store.memory import MemoryStore
from tests.contract.managers import local, reach, spec

PATIENCE_S = 25
ASKS = "tasktui emit ask 'Deploy?' --option yes --option no"


class Listener:
    """An address that notes what is posted to it; the first answers may be refusals."""

    def __init__(self) -> None:
        self.posted: list[dict[str, Any]] = []
        self.refusals = 0
        self.url = ""
        self.drips = False
        """Whether what is answered never ends."""


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's own name
            """Say nothing."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.refusals -= 1
            if made.refusals < 0:
                made.posted.append(json.loads(body))
            self.send_response(503 if made.refusals >= 0 else 200 if made.drips else 204)
            self.end_headers()
            with suppress(OSError):
                while made.drips:
                    self.wfile.write(b" ")
                    time.sleep(0.1)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.drips = False
    server.shutdown()
    server.server_close()


def shell(command: str) -> TaskSpec:
    return TaskSpec(work=ShellWork(command=command), cwd="/", name="deploy")


@asynccontextmanager
async def house(home: Path, listener: Listener, **more: Any) -> AsyncIterator[House]:
    home.mkdir(mode=0o700, exist_ok=True)
    lock = acquire(home)
    assert lock is not None
    made = await House.open(replace(Config(home=home, webhook=listener.url), **more), lock)
    try:
        yield made
    finally:
        await made.close("cancel")
        lock.release()


async def until(there: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not there():
            await asyncio.sleep(0.01)


async def test_a_question_is_told_once_and_the_next_owner_does_not_repeat_it(
    own_home: Path, listener: Listener
) -> None:
    listener.refusals = 1
    async with house(own_home, listener) as first:
        task = await first.manager.submit(shell(ASKS))
        await until(lambda: bool(listener.posted))
        told = listener.posted[0]
        assert (told["what"], told["task"]["id"]) == ("needs_you", task.id)
        assert told["text"] == f"deploy has a question ({task.id})"
        assert "Deploy?" not in json.dumps(told), "what a task says stays here"
        (asked,) = (await first.manager.timeline(task.id, types=["input.requested"])).items
        kept = own_home / "webhook.position"
        await until(lambda: kept.read_text() == str(asked.gid))
    async with house(own_home, listener) as again:
        other = await again.manager.submit(shell(ASKS))
        await until(lambda: len(listener.posted) > 1)
        assert [one["task"]["id"] for one in listener.posted] == [task.id, other.id]


async def test_what_was_asked_before_it_begins_to_follow_is_told(own_home: Path, listener: Listener) -> None:
    async with local(own_home, MemoryStore()) as room:
        began = (await room.manager.stats()).events
        task = await room.manager.submit(spec("ask"))
        await reach(room, task.id, "input.requested")
        with telling(room.manager, own_home, listener.url, ("needs_you",), since=began):
            await until(lambda: bool(listener.posted))
        assert listener.posted[0]["task"]["id"] == task.id


class Troubled(MemoryStore):
    """A store that cannot be read a few times."""

    troubles = 2

    async def read(self, *args: Any, **kwargs: Any) -> Sequence[StoredEvent]:
        if self.troubles:
            self.troubles -= 1
            raise StoreError
        return await super().read(*args, **kwargs)


async def test_trouble_with_the_store_is_not_the_end_of_it(
    own_home: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasktui.bootstrap.webhook.PAUSES_S", (0.01,))
    async with local(own_home, Troubled()) as room:
        began = (await room.manager.stats()).events
        task = await room.manager.submit(spec("ask"))
        with telling(room.manager, own_home, listener.url, ("needs_you",), since=began):
            await until(lambda: bool(listener.posted))
        assert listener.posted[0]["task"]["id"] == task.id


async def test_an_answer_that_does_not_end_holds_nothing_up(own_home: Path, listener: Listener) -> None:
    listener.drips = True
    async with asyncio.timeout(PATIENCE_S), house(own_home, listener, webhook_on=("finished",)) as made:
        for number in (1, 2):
            await made.manager.submit(shell("true"))
            while len(listener.posted) < number:
                await asyncio.sleep(0.01)


async def test_ends_are_told_where_wanted(own_home: Path, listener: Listener) -> None:
    async with house(own_home, listener, webhook_on=("finished",)) as made:
        await made.manager.submit(shell("exit 3"))
        await until(lambda: bool(listener.posted))
        assert listener.posted[0]["text"].startswith("deploy has ended: failed")


async def test_an_address_that_does_not_answer_holds_nobody_up(own_home: Path, listener: Listener) -> None:
    listener.url = "http://127.0.0.1:1/hook"
    async with house(own_home, listener, webhook_on=("finished",)) as made:
        for _ in range(3):
            task = await made.manager.submit(shell("true"))
            ended = await made.manager.wait(task.id, timeout_s=PATIENCE_S)
            assert ended.status.value == "completed"
