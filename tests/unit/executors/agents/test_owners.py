"""One talk over two owners, the first dead after any fact: what is stored and said is that of one owner."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tasktui.domain.events.lifecycle import TaskWarning
from tasktui.executors.agents.acp.dialogue import AcpDialogue
from tasktui.executors.agents.start import Start
from tests.unit.executors.agents.acp_replay import ASK, Played, recorded
from tests.unit.executors.agents.owners import DiedError, Owner, Stream, Surroundings

TALKS = (
    "acp-claude-inject", "acp-claude-load", "acp-claude-reject", "acp-claude-write", "acp-claude-slowcancel",
    "acp-codex-shell", "acp-gemini-slowcancel", "acp-gemini-write", "acp-opencode-plan",
    "acp-opencode-inject",
)  # fmt: skip


class Script:
    """A captured talk as the rows of its agent and of people, with our numbers."""

    def __init__(self, name: str) -> None:
        played = Played(name)
        dialogue = played.dialogue
        assert isinstance(dialogue, AcpDialogue)
        session = next(
            (m["params"].get("sessionId") for out, m in played.rows if out and "load" in m.get("method", "")),
            None,
        )
        first = next(m["params"] for out, m in played.rows if out and m["method"].startswith("session/"))
        prompts = [m for out, m in played.rows if out and m.get("method") == "session/prompt"]
        text = prompts[0]["params"]["prompt"][0]["text"]
        self.start = Start(recorded(name), text, first["cwd"], rules=ASK, session_id=session)
        self.rows: list[tuple[bool, dict[str, Any]]] = []
        for out, row in played.rows:
            if not out and "method" not in row:
                self.rows.append((False, {**row, "id": played.numbers[row["id"]]}))
            elif (
                not out or row in prompts[1:] or row.get("method") == "session/cancel" or "method" not in row
            ):
                self.rows.append((out, row))
        self.asked = played.asked


async def over(script: Script, around: Surroundings, stream: Stream, done: int = 0) -> int:
    """Let an owner hear the rows from `done` on; return how many it got through before it died."""
    owner = Owner(script.start, around)
    number = done
    try:
        owner.begin()
        await owner.hear()
        for out, row in script.rows[done:]:
            if out:
                owner.person(row, script.asked)
            else:
                number += 1
                stream.write(row)
                await owner.hear()
                continue
            number += 1
    except DiedError:
        return number
    assert owner.dialogue.conclusion() is not None
    return number


def said(directory: Path) -> list[str]:
    rows = [json.loads(line) for line in (directory / "said.jsonl").read_text().splitlines()]
    return [row["line"] for row in rows if "line" in row]


@pytest.mark.parametrize("name", TALKS)
async def test_a_death_after_any_fact(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(name)

    async def lived(lives: int | None) -> tuple[Surroundings, Path]:
        place = tmp_path / str(lives)
        place.mkdir()
        monkeypatch.chdir(place)
        stream, around = Stream(), Surroundings(place, lives=lives)
        done = await over(script, around, stream)
        if lives is not None:
            around.lives = None
            await over(script, around, stream, done)
        stream.close()
        return around, place

    alone, where = await lived(None)
    for lives in range(len(alone.stored)):
        both, place = await lived(lives)
        told = [
            fact for fact in both.stored if not isinstance(fact, TaskWarning) or fact.code != "agent_unsure"
        ]
        assert told == alone.stored, f"after {lives} facts"
        assert said(place) == said(where), f"after {lives} facts"
