"""A session that cannot be kept on a full disk ends no turn, and is kept whole the next time."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, TextPart, UserPromptPart

from tasktui.executors.agents.llm.program.history import History

SESSION = "a" * 32


def test_it_is_kept_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limited: Callable[[int], None]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    said: list[ModelMessage] = [ModelRequest(parts=[UserPromptPart("fix it")])]
    history = History(SESSION)
    history.keep(said)
    limited(0)
    history.keep([*said, ModelResponse(parts=[TextPart("done")])])
    assert len(History.found(SESSION).messages) == 1, "the file before is whole"
    limited(resource.RLIM_INFINITY)
    history.keep([*history.messages, *said])
    assert len(History.found(SESSION).messages) == 3
