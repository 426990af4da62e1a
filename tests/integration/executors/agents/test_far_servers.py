"""Servers, proxies and tokens that are not as one would have them: each ends with a sentence, or is borne."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.integration.executors.agents.far_agents import TOKEN, listening, refuse
from tests.integration.executors.agents.test_far_trouble import HELLO, Late, answer, program

NEW = {"id": 2, "method": "session/new", "params": {}}
ASKED = {"id": 3, "method": "session/prompt", "params": {"sessionId": "s-1"}}


class Session:
    """A server that answers posts at once; the session's stream it refuses some times."""

    def __init__(self, refusals: int = 0, status: int = 404) -> None:
        self.refusals = refusals
        self.status = status
        self.silent_about: set[str] = set()
        self.beside = b""
        """What stands beside the id of the session."""
        self.opens_streams = True

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] == "POST":
            await self._post(json.loads((await receive())["body"]), send)
        elif scope["method"] == "DELETE":
            await refuse(scope, receive, send, 202)
        elif not self.opens_streams:
            while (await receive())["type"] != "http.disconnect":
                pass
        elif b"acp-session-id" not in dict(scope["headers"]):
            await Late()._stream(send, {"method": "greets"}, receive)
        elif self.refusals:
            self.refusals -= 1
            await refuse(scope, receive, send, self.status)
        else:
            await Late()._stream(send, {"id": 3, "result": {"stopReason": "end_turn"}}, receive)

    async def _post(self, message: Any, send: Any) -> None:
        answers = {
            "initialize": {"id": 1, "result": {}},
            "session/new": {"id": 2, "result": {"sessionId": "s-1"}},
        }
        said = answers.get(message["method"], "")
        if message["method"] in self.silent_about:
            said = ""
        headers = [(b"acp-connection-id", b"c-1")] if message["method"] == "initialize" else []
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        body = json.dumps(said).encode() if said else b""
        await send({"type": "http.response.body", "body": body.replace(b'"s-1"', b'"s-1"' + self.beside)})


async def said_by(*lines: Any, url: str, given: tuple[str, ...] = ()) -> dict[Any, Any]:
    """What answers the lines, by its id; the program is told the next line after each."""
    found: dict[Any, Any] = {}
    async with program(url, given, {}) as process:
        for line in lines:
            process.stdin.write(json.dumps(line).encode() + b"\n")
            while line["id"] not in found:
                said = json.loads((await process.stdout.readline()).decode(errors="replace"))
                found[said.get("id")] = said
    return found


async def test_a_packed_answer_is_refused_and_none_is_asked_for() -> None:
    """A few bytes of it may be more than there is room for."""
    asked: list[bytes] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        asked.append(dict(scope["headers"])[b"accept-encoding"])
        headers = [(b"acp-connection-id", b"c-1"), (b"content-encoding", b"gzip")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": gzip.compress(b'{"id": 1, "result": {}}')})

    async with listening(app) as port:
        (said,) = await answer(HELLO, url=f"http://127.0.0.1:{port}/")
    assert "answers in the encoding 'gzip', which nobody asked for." in said["error"]["message"]
    assert asked[0] == b"identity"


async def test_a_packed_stream_is_refused() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] != "GET":
            await Session()(scope, receive, send)
            return
        headers = [(b"content-encoding", b"gzip")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        body = gzip.compress(b'data: {"id": 3, "result": {}}\n\n')
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await receive()

    async with listening(app) as port:
        said = await answer(HELLO, ASKED, url=f"http://127.0.0.1:{port}/")
    assert "in the encoding 'gzip'" in said[1]["error"]["message"]


@pytest.mark.parametrize("status", [404, 405, 410])
@pytest.mark.parametrize("refusals", [2, 99])
async def test_the_stream_of_a_session_that_is_there_is_asked_for_again(status: int, refusals: int) -> None:
    server = Session(refusals, status)
    async with listening(server) as port:
        said = await said_by(HELLO, NEW, ASKED, url=f"http://127.0.0.1:{port}/")
    if refusals == 2:
        assert said[3]["result"] == {"stopReason": "end_turn"}
    else:
        words = f"was lost (the stream of its session is refused: HTTP {status})."
        assert words in said[3]["error"]["message"]


async def test_an_answer_that_is_not_utf_8_counts_as_the_client_reads_it() -> None:
    server = Session()
    server.beside = b', "title": "caf\xe9"'
    async with listening(server) as port:
        url = f"http://127.0.0.1:{port}/"
        said = await said_by(HELLO, NEW, ASKED, url=url, given=("--answer-s", "2"))
    assert said[2]["result"]["title"] == "caf\ufffd"
    assert said[3].get("result") == {"stopReason": "end_turn"}, said[3]


async def test_a_stream_that_never_opens_is_given_up() -> None:
    server = Session()
    server.opens_streams = False
    async with listening(server) as port:
        said = await said_by(HELLO, ASKED, url=f"http://127.0.0.1:{port}/", given=("--answer-s", "1"))
    assert "(it did not open the stream of its messages in 1 s)" in said[3]["error"]["message"]


@pytest.mark.parametrize(
    "method",
    ["session/new", "session/load", "session/set_mode", "session/set_model", "session/set_config_option"],
)
async def test_what_is_answered_soon_is_not_waited_for_without_end(method: str) -> None:
    server = Session()
    server.silent_about = {method}
    asks = {"id": 2, "method": method, "params": {}}
    async with listening(server) as port:
        said = await said_by(HELLO, asks, url=f"http://127.0.0.1:{port}/", given=("--answer-s", "1"))
    assert "said nothing for 1 s" in said[2]["error"]["message"]


@pytest.mark.parametrize("scheme", ["wss", "https"])
@pytest.mark.parametrize("proxy", ["me:secret@proxy.example:3128", "socks5://me:secret@127.0.0.1:9"])
async def test_a_proxy_that_cannot_be_gone_through(scheme: str, proxy: str) -> None:
    (said,) = await answer(HELLO, url=f"{scheme}://far.example/acp", HTTPS_PROXY=proxy, https_proxy=proxy)
    words = said["error"]["message"]
    assert words.startswith(
        "The proxy on the way to far.example cannot be used. Write it as http://HOST:PORT"
    )
    assert "secret" not in words


@pytest.mark.parametrize("scheme", ["wss", "https"])
async def test_what_nobody_thought_of_is_a_sentence_too(scheme: str) -> None:
    (said,) = await answer(
        HELLO, url=f"{scheme}://far.example/acp", HTTPS_PROXY="http://[", https_proxy="http://["
    )
    assert said["error"]["message"].startswith("The talk with far.example failed (ValueError: ")


@pytest.mark.parametrize("scheme", ["wss", "https"])
@pytest.mark.parametrize("host", ["a..b", f"{'a' * 70}.example"])
async def test_a_name_that_no_machine_can_have(scheme: str, host: str) -> None:
    (said,) = await answer(HELLO, url=f"{scheme}://{host}/acp", HTTPS_PROXY="", https_proxy="")
    assert host in said["error"]["message"]
    assert "Look at its url" in said["error"]["message"] or "agent's url" in said["error"]["message"]
    assert "The talk with" not in said["error"]["message"]


async def test_a_connection_whose_name_no_header_can_have() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"acp-connection-id", b"caf\xe9")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"id": 1, "result": {}}'})

    async with listening(app) as port:
        (said,) = await answer(HELLO, url=f"http://127.0.0.1:{port}/")
    assert "the name of its connection is none that a header can have" in said["error"]["message"]


@pytest.mark.parametrize(
    "escaped", [TOKEN.replace("-", "\\u002D"), TOKEN + " and " + TOKEN.replace("-", "\\u002d")]
)
async def test_a_token_is_left_out_however_it_is_spelled(escaped: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"acp-connection-id", b"c-1")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        text = f'{{"id": 1, "result": {{"{escaped}": ["you are {escaped}"]}}}}'
        await send({"type": "http.response.body", "body": text.encode()})

    async with listening(app) as port:
        (said,) = await answer(
            HELLO, url=f"http://127.0.0.1:{port}/", given=("--token-env", "FAR_TOKEN"), FAR_TOKEN=TOKEN
        )
    ((key, told),) = said["result"].items()
    assert TOKEN not in key + told[0]
    assert told[0].startswith("you are …")


async def test_a_token_too_short_to_be_hidden_is_refused() -> None:
    (said,) = await answer(
        HELLO, url="http://127.0.0.1:9/", given=("--token-env", "FAR_TOKEN"), FAR_TOKEN="seven77"
    )
    assert said["error"]["code"] == -32000
    assert "holds less than 8 characters" in said["error"]["message"]
    assert "seven77" not in said["error"]["message"]
