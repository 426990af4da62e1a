"""Whatever an owner answers, the one who asked gets an error of ours, in time and in bounded memory."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import resource
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tasktui.domain.errors import OwnerError, TasktuiError
from tasktui.domain.ports.executor import Outcome
from tasktui.domain.query import TaskQuery
from tasktui.domain.requests import Answer, GateRun, Interest, Message, Metadata
from tasktui.domain.status import Reason, Status
from tasktui.service.asking import answers as is_answering
from tasktui.service.asking import call
from tasktui.service.client import RemoteManager
from tasktui.service.owner import LOCK_NAME
from tasktui.service.reading import LARGEST_BODY, NotUnderstoodError
from tasktui.service.receiving import LARGEST_FRAME
from tests.contract.managers import spec

FD_SETSIZE = 1_024
DRIP_S = 0.05
CHUNKED = b"transfer-encoding: chunked\r\n"
NESTED = b"[" * 100_000
ERROR = {"error": {"code": "NOT_FOUND", "message": "said", "details": {"message": 1, "self": 2}}}
ACTS: dict[str, Callable[[RemoteManager], Awaitable[object]]] = {
    "submit": lambda m: m.submit(spec("quick")),
    "get": lambda m: m.get("t"),
    "detail": lambda m: m.detail("t"),
    "page": lambda m: m.page(TaskQuery()),
    "count": lambda m: m.count(TaskQuery()),
    "counts": lambda m: m.counts(),
    "stats": lambda m: m.stats(),
    "busy": lambda m: m.busy(),
    "lanes": lambda m: m.lanes(),
    "set_lane": lambda m: m.set_lane("x", limit=1),
    "timeline": lambda m: m.timeline("t"),
    "tools": lambda m: m.tools("t"),
    "artifacts": lambda m: m.artifacts("t"),
    "read_artifact": lambda m: m.read_artifact("t", "a"),
    "output": lambda m: m.output("t"),
    "search": lambda m: m.search("x"),
    "cancel": lambda m: m.cancel("t"),
    "intervene": lambda m: m.intervene("t", Message("x")),
    "answer": lambda m: m.answer("t", Answer("q", "allow")),
    "retry": lambda m: m.retry("t"),
    "archive": lambda m: m.archive("t"),
    "purge": lambda m: m.purge(["t"]),
    "attach": lambda m: m.attach("t", "n", b"x"),
    "restore": lambda m: m.restore([]),
    "record_metadata": lambda m: m.record_metadata("t", Metadata()),
    "wait": lambda m: m.wait("t", timeout_s=1),
    "edit": lambda m: m.edit("t", spec("quick")),
    "finish": lambda m: m.finish("t", Outcome(Status.COMPLETED, Reason.COMPLETED)),
    "schedules": lambda m: m.schedules(),
    "stop_schedule": lambda m: m.stop_schedule("s"),
    "verify_attempt": lambda m: m.verify_attempt("t", "a"),
    "run_gate": lambda m: m.run_gate("t", GateRun(("true",))),
}


class Answers:
    """What the owner answers to everything but the question whether it is there."""

    def __init__(self) -> None:
        self.status = 200
        self.head = ""
        self.body = b""
        self.endless = b""
        """Sent after the body until the other end hangs up."""
        self.hangs_up = False
        """Whether the body ends the connection, whatever the head says of its length."""
        self.drips = b""
        """Sent instead of any answer, then its last byte again and again, one in a while."""
        self.falls_silent = False
        """Whether nothing comes after that instead."""
        self.is_there = False
        """Whether who only asks that is told so at once, whatever comes otherwise."""
        self.served: list[asyncio.Task[None] | None] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.served.append(asyncio.current_task())
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                asked = await reader.readuntil(b"\r\n\r\n")
                lengths = [
                    line for line in asked.lower().split(b"\r\n") if line.startswith(b"content-length")
                ]
                await reader.readexactly(int(lengths[0].split(b":")[1]) if lengths else 0)
                asks_whether = asked.startswith(b"GET /v1/health")
                if self.drips and not (asks_whether and self.is_there):
                    await self._drip(reader, writer)
                if asks_whether and self.is_there:
                    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
                    continue
                size = "" if self.endless or self.hangs_up else f"content-length: {len(self.body)}\r\n"
                writer.write(f"HTTP/1.1 {self.status} X\r\n{size}{self.head}\r\n".encode() + self.body)
                if self.hangs_up:
                    break
                while self.endless:
                    writer.write(self.endless)
                    await writer.drain()
        writer.close()

    async def _drip(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self.drips)
        while True:
            if self.falls_silent:
                await reader.readexactly(1)
            writer.write(self.drips[-1:])
            await writer.drain()
            await asyncio.sleep(DRIP_S)


@asynccontextmanager
async def answering(home: Path) -> AsyncIterator[tuple[Answers, RemoteManager]]:
    """An owner that answers as it is told, and a manager that asks it."""
    answers = Answers()
    home.mkdir(mode=0o700)
    server = await asyncio.start_unix_server(answers.serve, home / "s", limit=2**24)
    told = {"pid": 1, "epoch": 1, "socket": str(home / "s"), "version": ""}
    (home / LOCK_NAME).write_text(json.dumps(told))
    remote = RemoteManager(home)
    try:
        async with asyncio.timeout(50):
            yield answers, remote
    finally:
        await remote.close()
        server.close()
        async with asyncio.timeout(20):
            await asyncio.gather(*filter(None, answers.served))


@pytest.fixture
def many_descriptors() -> Iterator[int]:
    """Have more of them open than select() can wait for, and return that number."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * FD_SETSIZE), hard))
    held = [os.dup(0) for _ in range(FD_SETSIZE)]
    yield FD_SETSIZE
    for fd in held:
        os.close(fd)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def ends_in_ours(remote: RemoteManager, kind: type[TasktuiError]) -> None:
    for name, act in ACTS.items():
        try:
            await act(remote)
        except kind:
            continue
        except Exception as exc:
            raise AssertionError(name) from exc
        raise AssertionError(f"{name} believed it")


BODIES: list[Any] = [
    b"", b"\xff", b"null", b"[]", b"3", NESTED, b'{"a":' * 100_000, {}, {"items": 3, "more": 1},
    {"items": [None], "more": [], "count": [], "busy": {}, "purged": "x"},
    {"id": 3, "spec": 3, "task": 4, "disposition": 1, "offset": {}, "artifact": [], "items": [[]]},
    {"counts": 3, "lanes": 3, "items": {"a": 1}, "marks": 3, "data": [], "tool_calls": 4, "checklist": {}},
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES)
async def test_an_answer_that_means_nothing_is_an_owners_error(own_home: Path, body: Any) -> None:
    async with answering(own_home) as (answers, remote):
        answers.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        await ends_in_ours(remote, OwnerError)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", NESTED, json.dumps(ERROR).encode(), b'{"error": []}'])
async def test_an_error_that_means_nothing_is_one_of_ours(own_home: Path, body: bytes) -> None:
    async with answering(own_home) as (answers, remote):
        answers.status, answers.body = 500, body
        await ends_in_ours(remote, TasktuiError)


async def test_an_encoded_answer_is_refused(own_home: Path) -> None:
    async with answering(own_home) as (answers, remote):
        answers.head, answers.body = "content-encoding: gzip\r\n", gzip.compress(b"{}")
        await ends_in_ours(remote, NotUnderstoodError)


async def test_an_answer_without_an_end_is_refused(own_home: Path) -> None:
    async with answering(own_home) as (answers, remote):
        answers.endless = b" " * 262_144
        with pytest.raises(NotUnderstoodError, match=f"more than {LARGEST_BODY}"):
            await remote.busy()


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"null", NESTED, b'{"a":' * 100_000])
@pytest.mark.parametrize(("status", "kind"), [(200, NotUnderstoodError), (502, TasktuiError)])
async def test_a_command_that_asks_is_told_so_too(
    own_home: Path, body: bytes, status: int, kind: type[TasktuiError]
) -> None:
    async with answering(own_home) as (answers, _):
        answers.status, answers.body = status, body
        with pytest.raises(kind, match=f"status {status}" if status > 200 else "does not understand"):
            await asyncio.to_thread(call, own_home, "GET", "/v1/counts")


async def test_a_command_reads_no_answer_without_an_end(own_home: Path) -> None:
    async with answering(own_home) as (answers, _):
        answers.endless = b" " * 262_144
        with pytest.raises(NotUnderstoodError, match=f"more than {LARGEST_BODY}"):
            await asyncio.to_thread(call, own_home, "GET", "/v1/counts")


async def test_one_with_many_descriptors_asks_as_well(own_home: Path, many_descriptors: int) -> None:
    async with answering(own_home) as (answers, _):
        answers.body = b'{"total": 3}'
        assert max(map(int, os.listdir("/proc/self/fd"))) > many_descriptors  # noqa: PTH208  # names are enough
        assert await asyncio.to_thread(call, own_home, "GET", "/v1/counts") == {"total": 3}


@pytest.mark.parametrize("head", [b"x: y", b"content-length: 100000\r\n\r\n ", CHUNKED + b"\r\n1"])
async def test_an_answer_that_comes_byte_by_byte_is_none(
    own_home: Path, head: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither to a command nor to the question whether anybody is there; each byte alone comes in time."""
    monkeypatch.setattr("tasktui.service.asking.LONGEST_SILENCE_S", 8 * DRIP_S)
    monkeypatch.setattr("tasktui.service.reach.Nearby.patience_s", 8 * DRIP_S)
    monkeypatch.setattr("tasktui.service.link._TELLS_S", 2 * 8 * DRIP_S)
    async with answering(own_home) as (answers, remote):
        answers.drips = b"HTTP/1.1 200 OK\r\n" + head
        has_head = b"\r\n\r\n" in head
        async with asyncio.timeout(40):
            with pytest.raises(OwnerError, match="does not answer"):
                await asyncio.to_thread(call, own_home, "GET", "/v1/counts")
            within_s = 20 if has_head else 8 * DRIP_S
            assert await asyncio.to_thread(is_answering, own_home, within_s=within_s) == has_head
            assert await remote.difference() is None


@pytest.mark.parametrize("bound", ["WHOLE_S", "SILENCE_S"])
async def test_an_answer_that_does_not_come_to_its_end_is_none(
    own_home: Path, bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though whoever sends it says that it is there."""
    monkeypatch.setattr("tasktui.service.reach.Nearby.patience_s", DRIP_S)
    monkeypatch.setattr(f"tasktui.service.receiving.{bound}", 2 * DRIP_S)
    async with answering(own_home) as (answers, remote):
        answers.drips = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n "
        answers.is_there, answers.falls_silent = True, bound == "SILENCE_S"
        await ends_in_ours(remote, OwnerError)


async def test_an_owner_that_dies_over_its_answer_is_none(own_home: Path) -> None:
    async with answering(own_home) as (answers, _):
        answers.head, answers.body, answers.hangs_up = "content-length: 100\r\n", b'{"total"', True
        with pytest.raises(OwnerError, match="No owner answers"):
            await asyncio.to_thread(call, own_home, "GET", "/v1/counts")


@pytest.mark.parametrize("size", [b"-1", b"-5"])
async def test_a_piece_of_no_size_is_refused(own_home: Path, size: bytes) -> None:
    async with answering(own_home) as (answers, _):
        answers.head = CHUNKED.decode()
        answers.body, answers.endless = size + b"\r\n", b" " * 262_144
        with pytest.raises(NotUnderstoodError):
            await asyncio.to_thread(call, own_home, "GET", "/v1/counts")


@pytest.mark.parametrize("line", [b"x" * 262_144, b"data: x\n" * 32_768])
async def test_a_frame_without_an_end_is_refused(own_home: Path, line: bytes) -> None:
    async with answering(own_home) as (answers, remote):
        answers.head, answers.body, answers.endless = "content-type: text/event-stream\r\n", b"data: ", line
        with pytest.raises(NotUnderstoodError, match=f"more than {LARGEST_FRAME}"):
            await anext(remote.subscribe())


FRAMES = [
    b"data: " + NESTED, b"data: null", b'data: {"rows": 3}', b'data: {"rows": [{"id": 3}]}',
    b'data: {"live": [1]}', b'data: {"tail": [[]]}', b'data: {"counts": [1]}',
    b'data: {"removed": [{}]}', b'data: {"live": [["m", 3]]}', b'data: {"degraded": 3}',
    b'data: {"counts": {"by_status": {"queued": "many"}}}',
    b'data: {"counts": {"by_status": {}, "held": []}}',
    b"event: error\ndata: []", b"event: error\ndata: " + NESTED,
]  # fmt: skip


@pytest.mark.parametrize("frame", FRAMES)
async def test_a_frame_that_means_nothing_is_an_owners_error(own_home: Path, frame: bytes) -> None:
    async with answering(own_home) as (answers, remote):
        answers.head = "content-type: text/event-stream; charset=base64\r\n"
        answers.body, answers.endless = frame + b"\n\n", b": still here\n\n"
        with pytest.raises(OwnerError):
            await anext(remote.changes(Interest()))


async def test_many_frames_are_longer_than_one_may_be(own_home: Path) -> None:
    async with answering(own_home) as (answers, remote):
        answers.head = "content-type: text/event-stream\r\n"
        frame = b'data: {"reread": true, "x": "' + b"x" * 1_000_000 + b'"}\r\n\r\n'
        answers.body, answers.endless = frame, frame
        changes = remote.changes(Interest())
        for _ in range(LARGEST_FRAME // len(frame) + 4):
            assert (await anext(changes)).reread
        await changes.aclose()


async def test_streams_that_end_at_once_are_asked_for_ever_more_slowly(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasktui.service.frames._FIRST_PAUSE_S", 60.0)
    monkeypatch.setattr("tasktui.service.frames._LONGEST_PAUSE_S", 60.0)
    monkeypatch.setattr("tasktui.service.frames._STEADY_S", 60.0)
    async with answering(own_home) as (answers, remote):
        answers.head, answers.hangs_up = "content-type: text/event-stream\r\n", True
        answers.is_there = True
        changes = remote.changes(Interest())
        assert [(await anext(changes)).lost for _ in range(2)] == [True, True]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await anext(changes)
        await changes.aclose()
