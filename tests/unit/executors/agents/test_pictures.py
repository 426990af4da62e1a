"""Pictures go along with a prompt as they are, where the agent takes some; nothing else is read."""

from __future__ import annotations

import json
import os
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from tasktui.executors.agents.acp.dialogue import AcpDialogue
from tasktui.executors.agents.pictures import LARGEST, picture
from tasktui.executors.agents.presets import shipped, with_own
from tasktui.executors.agents.protocols import protocol_of
from tasktui.executors.agents.start import Start
from tasktui.executors.agents.transcript import Said
from tests.unit.executors.agents.acp_replay import valid
from tests.unit.executors.agents.owners import Owner, Stream, Surroundings
from tests.unit.executors.agents.replay import Replay

INITIALIZED = {"protocolVersion": 1, "agentCapabilities": {"promptCapabilities": {"image": True}}}


def handshake(number: int, result: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "result": result}


def prompted(path: Path, initialized: dict[str, Any]) -> list[dict[str, Any]]:
    start = Start(shipped()["gemini"], "look", "/w", attachments=(str(path),))
    talk = Replay(AcpDialogue(start, picture))
    for number, result in ((1, initialized), (2, {"sessionId": "s"})):
        talk.hear([json.dumps(handshake(number, result)).encode()])
    valid(talk.said[-1])
    blocks: list[dict[str, Any]] = talk.said[-1]["params"]["prompt"]
    return blocks


def test_a_picture_goes_along_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.PNG"
    file.write_bytes(b"\x89PNG")
    block = prompted(file, INITIALIZED)[1]
    assert (block["type"], block["mimeType"], b64decode(block["data"])) == ("image", "image/png", b"\x89PNG")


def test_an_agent_that_takes_none_gets_its_address(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(b"\x89PNG")
    assert prompted(file, {"protocolVersion": 1})[1]["type"] == "resource_link"


@pytest.mark.parametrize("there", ["/srv/work", "C:\\work"])
def test_files_that_go_to_an_agent_elsewhere_lie_here(tmp_path: Path, there: str) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    preset = with_own({"far": {"url": "wss://far.example/acp", "cwd": there}})["far"]
    talk = Replay(
        protocol_of(preset).dialogue(Start(preset, "x", str(tmp_path), attachments=("a.png", "b.py")))
    )
    for number, result in ((1, INITIALIZED), (2, {"sessionId": "s"})):
        talk.hear([json.dumps(handshake(number, result)).encode()])
    assert talk.said[1]["params"]["cwd"] == there
    shown, other = talk.said[-1]["params"]["prompt"][1:]
    assert shown["mimeType"] == "image/png"
    assert other["uri"] == (tmp_path / "b.py").as_uri()


def test_what_is_no_picture_or_too_large_goes_by_its_address(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.png")
    (tmp_path / "a.txt").write_text("text")
    (tmp_path / "empty.png").touch()
    with (tmp_path / "large.png").open("wb") as file:
        file.truncate(LARGEST + 1)
    for name in ("fifo.png", "a.txt", "empty.png", "large.png", "missing.png"):
        assert picture(str(tmp_path / name)) is None, name
        assert prompted(tmp_path / name, INITIALIZED)[1]["type"] == "resource_link"


async def test_a_picture_that_changed_is_not_said_again_by_the_next_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "a.png"
    file.write_bytes(b"one")
    start = Start(shipped()["gemini"], "look", "/w", attachments=(str(file),))
    stream = Stream()
    first = Owner(start, Surroundings(tmp_path))
    first.begin()
    for number, result in ((1, INITIALIZED), (2, {"sessionId": "s"})):
        stream.write(handshake(number, result))
        await first.hear()
    said = [entry.line for entry in Said(tmp_path).entries()]
    assert b"session/prompt" in said[-1]
    file.write_bytes(b"two")
    second = Owner(start, Surroundings(tmp_path))
    second.begin()
    await second.hear()
    assert [entry.line for entry in Said(tmp_path).entries()] == said
    stream.close()
