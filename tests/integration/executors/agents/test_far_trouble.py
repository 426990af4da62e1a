"""What can go wrong on the way to an agent at an address: each is one sentence that says what to do."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tasktui.domain.rows import TaskRow
from tasktui.domain.status import Status
from tests.integration.executors.agents.far_agents import (
    SCHEMES,
    TOKEN,
    bytes_below,
    far,
    listening,
    refuse,
    served,
)
from tests.integration.executors.agents.talks import a_house, asks, ends, left, lines, reach, submit

ROOT = Path(__file__).parents[4]
PROGRAM = [sys.executable, "-P", "-m", "tasktui.executors.agents.elsewhere.program"]
TLS = pytest.mark.parametrize("scheme", ["wss", "https"])
HELLO = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": 1}}


async def how_it_ends(home: Path, work: Path, url: str, prompt: str = "hello", **more: Any) -> TaskRow:
    """Give the agent at an address a task and see it to its end, of which nothing is left."""
    async with a_house(home, agents=far(url, **more)) as house:
        task = await submit(house, asks(prompt, work, agent="far"))
        row = await ends(house, task)
        assert left(home, task) == []
        return row


@contextmanager
def closed_port() -> Iterator[int]:
    """A port at which nobody listens, and which nobody else gets meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


@asynccontextmanager
async def program(url: str, given: tuple[str, ...], env: dict[str, str]) -> AsyncIterator[Any]:
    """Run the program on its own; it goes when its input ends."""
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, *given, "--", url, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | env,
    )  # fmt: skip
    assert process.stdin is not None
    try:
        async with asyncio.timeout(45):
            yield process
            process.stdin.close()
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def answer(*lines: dict[str, Any], url: str, given: tuple[str, ...] = (), **env: str) -> list[Any]:
    """Run the program with lines of a client, each after the answer to the last; return these."""
    said = []
    async with program(url, given, env) as process:
        for line in lines:
            process.stdin.write(json.dumps(line).encode() + b"\n")
            said.append(json.loads(await process.stdout.readline()))
    return said


async def spoken(*lines: dict[str, Any], url: str, ends: tuple[str, ...]) -> list[str]:
    """Run the program with lines of a client, each after a line of it; return all its lines."""
    said: list[str] = []
    async with program(url, (), {}) as process:
        for line in lines:
            process.stdin.write(json.dumps(line).encode() + b"\n")
            said.append((await process.stdout.readline()).decode().rstrip())
        while not all(end in "\n".join(said) for end in ends):
            said.append((await process.stdout.readline()).decode().rstrip())
    return said


@SCHEMES
async def test_nobody_listens(home: Path, work: Path, scheme: str) -> None:
    with closed_port() as port:
        host = f"127.0.0.1:{port}"
        row = await how_it_ends(home, work, f"{scheme}://{host}/acp")
    assert (row.status, row.error_code) == (Status.FAILED, "agent_network")
    assert row.error == f"Nothing takes connections at {host}. Start the agent there, or look at its url."


@TLS
async def test_no_machine_has_the_name(home: Path, work: Path, scheme: str) -> None:
    row = await how_it_ends(home, work, f"{scheme}://no-such-machine.invalid/acp")
    assert row.error_code == "agent_network"
    words = "No machine is found by the name no-such-machine.invalid. Look at its url and at DNS."
    assert row.error == words


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of nobody's authority, with its key."""
    file = tmp_path_factory.mktemp("tls") / "self.pem"
    made = [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "2",
        "-keyout", str(file), "-out", str(file.with_suffix(".crt")),
    ]  # fmt: skip
    subprocess.run(made, check=True, capture_output=True, timeout=30)
    return file


@TLS
async def test_a_certificate_that_nobody_knows_and_one_that_is_named(
    home: Path, work: Path, scheme: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"ssl_keyfile": str(certificate), "ssl_certfile": str(certificate.with_suffix(".crt"))}
    async with served() as agent, listening(agent, **files) as port:
        url = f"{scheme}://localhost:{port}/acp"
        row = await how_it_ends(home, work, url)
        assert row.error_code == "agent_network"
        assert (row.error or "").startswith(f"The certificate of localhost:{port} is not trusted (self")
        assert "name its file in SSL_CERT_FILE" in (row.error or "")
        monkeypatch.setenv("SSL_CERT_FILE", files["ssl_certfile"])
        assert (await how_it_ends(home, work, url)).status is Status.COMPLETED


@TLS
async def test_a_port_without_tls(home: Path, work: Path, scheme: str) -> None:
    async with served() as agent:
        row = await how_it_ends(home, work, agent.url(scheme))
        assert "speaks no TLS that we understand" in (row.error or "")


@SCHEMES
async def test_a_token_that_is_not_taken_and_one_that_is_missing(
    home: Path, work: Path, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAR_TOKEN", "wrong-" + TOKEN)
    async with served(allowed=TOKEN) as agent:
        url, host = agent.url(scheme), agent.url(scheme).split("/")[2]
        row = await how_it_ends(home, work, url, token_env="FAR_TOKEN")
        assert (row.status, row.error_code) == (Status.FAILED, "agent_login")
        assert row.error == (
            f"{host} does not let us in (HTTP 401).\n"
            f"Far is not logged in. Set FAR_TOKEN to a token that {host} takes."
        )
        row = await how_it_ends(home, work, url)
        assert row.error == (
            f"{host} does not let us in (HTTP 401).\n"
            "Far is not logged in. "
            "Where it wants a token, name the variable that holds it: agents.far.token_env."
        )
        row = await how_it_ends(home, work, url, token_env="NO_SUCH_VARIABLE")
        assert (row.error or "").startswith("The variable NO_SUCH_VARIABLE, for the token, is not set.\n")
    assert TOKEN.encode() not in bytes_below(home)


@SCHEMES
async def test_another_path(home: Path, work: Path, scheme: str) -> None:
    async with served() as agent:
        url = agent.url(scheme).replace("/acp", "/other")
        row = await how_it_ends(home, work, url)
        assert row.error_code == "agent_network"
        assert row.error == (
            f"No agent of the Agent Client Protocol answers at {url} (HTTP 404). Look at its url."
        )


@SCHEMES
@pytest.mark.parametrize(
    ("status", "words"),
    [(403, "does not let us in (HTTP 403)"), (503, "cannot serve us now (HTTP 503). Try again later.")],
)
async def test_a_server_that_refuses(scheme: str, status: int, words: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await refuse(scope, receive, send, status)

    async with listening(app) as port:
        (said,) = await answer(HELLO, url=f"{scheme}://127.0.0.1:{port}/acp")
        assert said["id"] == 1
        assert words in said["error"]["message"]


@SCHEMES
async def test_a_server_of_something_else(scheme: str) -> None:
    async def app(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"220 mail.example ESMTP\r\n")
        # closed with something unread, what it said would be lost with the connection
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await reader.read()
        writer.close()

    async with await asyncio.start_server(app, "127.0.0.1", 0) as server:
        url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        (said,) = await answer(HELLO, url=url)
        assert "No agent of the Agent Client Protocol answers at" in said["error"]["message"]


async def test_a_page_is_no_agent() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"<html>Welcome!</html>"})

    async with listening(app) as port:
        (said,) = await answer(HELLO, url=f"http://127.0.0.1:{port}/")
        assert "its answer is not the protocol's" in said["error"]["message"]


@SCHEMES
async def test_another_place_is_told_and_not_gone_to(scheme: str) -> None:
    """A token is never brought to where somebody else sends us."""
    async with served() as agent:

        async def app(scope: Any, receive: Any, send: Any) -> None:
            there = (b"location", agent.url(scheme).encode())
            kind = "http" if scope["type"] == "http" else "websocket.http"
            await receive()
            await send({"type": f"{kind}.response.start", "status": 307, "headers": [there]})
            await send({"type": f"{kind}.response.body", "body": b""})

        async with listening(app) as port:
            (said,) = await answer(HELLO, url=f"{scheme}://127.0.0.1:{port}/acp")
            assert f"leads elsewhere (HTTP 307), to {agent.url(scheme)}." in said["error"]["message"]
        assert agent.requests == []


@SCHEMES
@pytest.mark.parametrize("part", ["a port that says nothing", "an agent that says nothing"])
async def test_nobody_answers_who_we_are(scheme: str, part: str) -> None:
    async with _quiet(part) as host:
        (said,) = await answer(HELLO, url=f"{scheme}://{host}/acp", given=("--answer-s", "1"))
        words = said["error"]["message"]
        shakes_hands = scheme == "ws" and part == "a port that says nothing"
        assert ("does not answer" if shakes_hands else "said nothing for 1 s") in words


@SCHEMES
async def test_a_machine_that_takes_no_connection_is_not_said_to_have_taken_one(scheme: str) -> None:
    """A queue that is full drops what comes, as a firewall does."""
    with ExitStack() as held:
        taken = held.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        with suppress(TimeoutError):
            while True:  # until nobody more is let in
                held.enter_context(socket.create_connection(taken.getsockname(), timeout=0.5))
        host = f"127.0.0.1:{taken.getsockname()[1]}"
        (said,) = await answer(HELLO, url=f"{scheme}://{host}/acp", given=("--answer-s", "1"))
    words = f"{host} does not answer. Look at the network and at the agent's url."
    assert said["error"]["message"] == words


@asynccontextmanager
async def _quiet(part: str) -> AsyncIterator[str]:
    if part == "an agent that says nothing":
        async with served("silent") as agent:
            yield agent.url("ws").split("/")[2]
    else:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            yield f"127.0.0.1:{taken.getsockname()[1]}"


@SCHEMES
async def test_a_connection_that_is_lost_in_the_middle_and_the_session_taken_up_again(
    home: Path, work: Path, scheme: str
) -> None:
    async with served() as agent, a_house(home, agents=far(agent.url(scheme))) as house:
        task = await submit(house, asks("slow", work, agent="far"))
        await reach(house, task, "tool execute [execute]: sleep 600")
        agent.wire.cut()
        row = await ends(house, task)
        assert (row.status, row.error_code) == (Status.FAILED, "agent_network")
        host = agent.url(scheme).split("/")[2]
        assert (row.error or "").startswith(f"The connection to {host} was lost")
        assert (row.error or "").endswith("take its session up with --resume where the agent can.")
        assert "end execute failed: The agent did not say how this ended." in await lines(house, task)
        assert left(home, task) == []
        again = asks("hello", work, agent="far", resume_session_id="s-1")
        assert (await ends(house, await submit(house, again))).status is Status.COMPLETED
        third = await house.manager.retry(task)
        await reach(house, third.id, "tool execute [execute]: sleep 600")
        await house.manager.cancel(third.id)
        assert (await ends(house, third.id)).status is Status.CANCELED


async def test_a_stream_of_the_session_that_ends_silently(home: Path, work: Path) -> None:
    async with served() as agent, a_house(home, agents=far(agent.url("http"))) as house:
        task = await submit(house, asks("slow", work, agent="far"))
        await reach(house, task, "tool execute [execute]: sleep 600")
        (connection,) = agent.server.registry._connections.values()
        connection.session_streams["s-1"].close()
        row = await ends(house, task)
        assert "was lost (the stream of its messages ended)." in (row.error or "")
        assert left(home, task) == []


async def test_a_server_that_goes_says_why(home: Path, work: Path) -> None:
    async with served() as agent, a_house(home, agents=far(agent.url("ws"))) as house:
        task = await submit(house, asks("slow", work, agent="far"))
        await reach(house, task, "tool execute [execute]: sleep 600")
        agent.closing.set()
        row = await ends(house, task)
        assert "was lost (closed with 1012 new version)." in (row.error or "")


@SCHEMES
async def test_a_message_of_twenty_megabytes_is_taken(home: Path, work: Path, scheme: str) -> None:
    async with served() as agent:
        assert (await how_it_ends(home, work, agent.url(scheme), "long")).status is Status.COMPLETED


@SCHEMES
async def test_a_message_without_end_is_not(home: Path, work: Path, scheme: str) -> None:
    async with served() as agent:
        row = await how_it_ends(home, work, agent.url(scheme), "longer")
        assert row.status is Status.FAILED
        assert "sent a message of more than 50 MiB, which is not taken" in (row.error or "")


@SCHEMES
async def test_what_is_no_message_is_told_once_and_passed_over(home: Path, work: Path, scheme: str) -> None:
    async with served() as agent, a_house(home, agents=far(agent.url(scheme))) as house:
        agent.garbage = ["Debugger\nattached.", "[]", "{"]
        task = await submit(house, asks("hello", work, agent="far"))
        assert (await ends(house, task)).status is Status.COMPLETED
        read = await lines(house, task)
        assert read.count("warning: The agent wrote a line that is no message.") == 1
        assert b"Debugger attached." in bytes_below(home)


@SCHEMES
async def test_without_what_it_needs(scheme: str, tmp_path: Path) -> None:
    for name in ("websockets", "h2"):
        (tmp_path / f"{name}.py").write_text("raise ImportError")
    path = f"{tmp_path}{os.pathsep}{ROOT}"
    (said,) = await answer(HELLO, url=f"{scheme}://127.0.0.1:9/acp", PYTHONPATH=path)
    assert said["error"]["message"].endswith("pip install 'tasktui[acp-remote]'")


async def test_a_token_that_cannot_be_one_is_not_repeated() -> None:
    (said,) = await answer(
        HELLO, url="ws://127.0.0.1:9/acp", given=("--token-env", "FAR_TOKEN"), FAR_TOKEN="sec\nret"
    )
    assert said["error"]["code"] == -32000
    assert "holds what cannot be a token" in said["error"]["message"]
    assert "sec" not in said["error"]["message"]


class Late:
    """A server that loads a session while its stream is asked for, and knows it only once it said so."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[Any] = asyncio.Queue()
        self.prompted = asyncio.Event()
        self.asked = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        if scope["method"] == "POST":
            message = json.loads((await receive())["body"])
            await self._post(message, send)
        elif scope["method"] == "DELETE":
            await refuse(scope, receive, send, 202)
        elif b"acp-session-id" not in headers:
            await self._stream(send, await self.said.get(), receive)
        else:
            self.asked += 1
            if self.asked == 1:
                self.said.put_nowait({"id": 2, "result": {}})
                await self.prompted.wait()
                await refuse(scope, receive, send, 404)
            else:
                await self._stream(send, {"id": 3, "result": {"stopReason": "end_turn"}}, receive)

    async def _post(self, message: Any, send: Any) -> None:
        if message["method"] == "session/load" and message["params"]["sessionId"] != "s-1":
            self.said.put_nowait({"id": 2, "result": {}})
        if message["method"] == "session/prompt":
            self.prompted.set()
        first = message["method"] == "initialize"
        headers = [(b"acp-connection-id", b"c-1")] if first else []
        await send({"type": "http.response.start", "status": 200 if first else 202, "headers": headers})
        body = json.dumps({"id": 1, "result": {}}) if first else ""
        await send({"type": "http.response.body", "body": body.encode()})

    async def _stream(self, send: Any, message: Any, receive: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        text = f"data: {json.dumps(message)}\n\n".encode()
        await send({"type": "http.response.body", "body": text, "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass


async def test_a_stream_that_was_asked_for_too_soon_is_asked_for_again() -> None:
    load = {"id": 2, "method": "session/load", "params": {"sessionId": "s-1"}}
    prompt = {"id": 3, "method": "session/prompt", "params": {"sessionId": "s-1", "prompt": "\ud800"}}
    server = Late()
    async with listening(server) as port:
        said = await answer(HELLO, load, prompt, url=f"http://127.0.0.1:{port}/")
    assert [message["id"] for message in said] == [1, 2, 3]
    assert said[2]["result"] == {"stopReason": "end_turn"}
    assert server.asked == 2


async def test_a_session_whose_name_no_header_can_have_harms_nobody() -> None:
    load = {"id": 2, "method": "session/load", "params": {"sessionId": "s-\n日"}}
    async with listening(Late()) as port:
        said = await answer(HELLO, load, url=f"http://127.0.0.1:{port}/?key=secret")
    assert said[1] == {"id": 2, "result": {}}


async def test_what_follows_the_question_mark_of_an_address_is_not_told() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await refuse(scope, receive, send, 404)

    async with listening(app) as port:
        (said,) = await answer(HELLO, url=f"http://127.0.0.1:{port}/acp?key=secret")
        assert f"http://127.0.0.1:{port}/acp (HTTP 404)" in said["error"]["message"]


@pytest.mark.parametrize("times", [0, 1, 2])
async def test_a_server_that_said_that_it_is_alive_and_says_it_no_more_is_lost(times: int) -> None:
    """One that never says it, or only greets, may be quiet as long as it wants."""
    prompted = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] != "GET":
            message = json.loads((await receive())["body"] or b"{}")
            if message.get("method") == "session/prompt":
                prompted.set()
            await server._post({"method": message.get("method", "")}, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(times):
            await send({"type": "http.response.body", "body": b": keepalive\n\n", "more_body": True})
            with suppress(TimeoutError):
                async with asyncio.timeout(0.4):
                    await asyncio.Event().wait()
        await prompted.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(3):
                await asyncio.Event().wait()
        said = b'data: {"id": 2, "result": {}}\n\n'
        await send({"type": "http.response.body", "body": said, "more_body": True})
        await receive()

    server = Late()
    prompt = {"id": 2, "method": "session/prompt", "params": {"sessionId": "s-1"}}
    async with listening(app) as port:
        url = f"http://127.0.0.1:{port}/"
        said = await answer(HELLO, prompt, url=url, given=("--silence-s", "1"))
    if times == 2:
        assert "was lost (nothing came for 1 s)." in said[1]["error"]["message"]
    else:
        assert said[1] == {"id": 2, "result": {}}


class Refusing:
    """A server that asks for a permission with the id of the prompt, and does not take all that is posted."""

    def __init__(self, *statuses: int, refused: str = "an answer", number: int = 2) -> None:
        self.number = number
        self.statuses = list(statuses)
        self.refused = refused
        self.said: asyncio.Queue[Any] = asyncio.Queue()
        self.posted: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] == "GET":
            await self._stream(send)
        elif scope["method"] == "POST":
            message = json.loads((await receive())["body"])
            method = message.get("method", "an answer")
            self.posted.append(method)
            if method == self.refused and self.statuses:
                status = self.statuses.pop(0)
                await refuse(scope, receive, send, status)
                if "method" not in message and status != 400:
                    self.said.put_nowait({"id": 2, "result": {"stopReason": "end_turn"}})
                return
            if method == "session/prompt":
                asks = {"id": self.number, "method": "session/request_permission", "params": {}}
                self.said.put_nowait(asks)
            await Late()._post({"method": method}, send)
        else:
            self.said.put_nowait(None)
            await refuse(scope, receive, send, 202)

    async def _stream(self, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while (message := await self.said.get()) is not None:
            text = f"data: {json.dumps(message)}\n\n".encode()
            await send({"type": "http.response.body", "body": text, "more_body": True})


PROMPT = {"id": 2, "method": "session/prompt", "params": {"sessionId": "s-1"}}
ALLOWED = {"id": 2, "result": {"outcome": {}}}


@pytest.mark.parametrize("status", [404, 409, 410])
async def test_an_answer_that_comes_too_late_is_told_and_the_prompt_of_its_id_goes_on(status: int) -> None:
    """Ids of the agent's requests are others than those of ours, though both count from the same number."""
    server = Refusing(status)
    async with listening(server) as port:
        told = f"127.0.0.1:{port} did not take an answer (HTTP {status})."
        said = await spoken(HELLO, PROMPT, ALLOWED, url=f"http://127.0.0.1:{port}/", ends=(told, "end_turn"))
    assert told in said
    assert "error" not in "".join(said)


async def test_an_answer_that_is_not_taken_ends_the_talk_for_the_agent_waits() -> None:
    async with listening(Refusing(400, number=7)) as port:
        said = await spoken(
            HELLO, PROMPT, {**ALLOWED, "id": 7}, url=f"http://127.0.0.1:{port}/", ends=('"error"',)
        )
    assert "did not take an answer (HTTP 400)." in json.loads(said[-1])["error"]["message"]


async def test_a_notice_that_is_not_taken_is_told() -> None:
    cancel = {"method": "session/cancel", "params": {"sessionId": "s-1"}}
    async with listening(Refusing(400, refused="session/cancel")) as port:
        told = f"127.0.0.1:{port} did not take session/cancel (HTTP 400)."
        said = await spoken(HELLO, PROMPT, cancel, url=f"http://127.0.0.1:{port}/", ends=(told,))
    assert told in said


async def test_a_server_that_is_busy_for_a_moment_gets_the_message_again() -> None:
    server = Refusing(429, 503, refused="session/prompt")
    async with listening(server) as port:
        said = await spoken(HELLO, PROMPT, url=f"http://127.0.0.1:{port}/", ends=("request_permission",))
    assert server.posted.count("session/prompt") == 3
    assert "error" not in "".join(said)


async def test_a_server_that_stays_busy_ends_the_talk() -> None:
    server = Refusing(429, 429, 429, 429, refused="session/prompt")
    async with listening(server) as port:
        said = await spoken(HELLO, PROMPT, url=f"http://127.0.0.1:{port}/", ends=('"error"',))
    assert "cannot serve us now (HTTP 429). Try again later." in said[-1]
    assert server.posted.count("session/prompt") == 3
