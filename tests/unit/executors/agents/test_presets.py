"""The agents that can be started by a name, shipped ones and a person's own."""

from __future__ import annotations

from typing import Any

import pytest

from tasktui.domain.errors import ConfigError
from tasktui.executors.agents.presets import shipped, with_own
from tasktui.executors.agents.protocols import PROTOCOLS
from tasktui.executors.agents.start import Start


def test_every_shipped_agent_has_a_protocol_a_title_and_what_to_do_without_it() -> None:
    for preset in shipped().values():
        assert preset.protocol in PROTOCOLS
        assert preset.title
        assert preset.install
        assert preset.login


def test_a_person_adds_an_agent_and_changes_one() -> None:
    own = {
        "mine": {"like": "gemini", "argv": ["my-gemini", "--acp"], "intervene": "queue"},
        "gemini": {"env": {"A": "b"}},
        "new": {"protocol": "acp", "argv": ["new"]},
    }
    presets = with_own(own)
    assert (presets["mine"].argv, presets["mine"].title) == (("my-gemini", "--acp"), "Gemini CLI")
    assert presets["mine"].intervene == "queue"
    assert (presets["gemini"].env, presets["gemini"].argv) == ({"A": "b"}, ("gemini", "--acp"))
    assert presets["new"].name == "new"
    assert presets["codex"] == shipped()["codex"]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("text", "agents.x must be a table"),
        ({}, "agents.x lacks argv and protocol"),
        ({"like": "nobody"}, "agents.x.like names no agent: nobody. There are claude"),
        ({"protocol": "smoke", "argv": ["x"]}, "agents.x.protocol must be one of acp"),
        ({"protocol": "acp", "argv": "x"}, "agents.x.argv must be a list of words, the program first"),
        ({"protocol": "acp", "argv": []}, "agents.x.argv must be a list of words"),
        ({"protocol": "acp", "argv": ["x"], "modes": {"plan": 1}}, "agents.x.modes must be a table of words"),
        ({"protocol": "acp", "argv": ["x"], "title": 3}, "agents.x.title must be a word"),
        ({"protocol": "acp", "argv": ["x"], "colour": "red"}, "agents.x.colour is not known. Known: argv"),
        ({"protocol": "acp", "argv": ["x"], "name": "y"}, "agents.x.name is not known"),
    ],
)
def test_a_wrong_entry_is_named(entry: Any, words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        with_own({"x": entry})
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("preset", "mode", "word"),
    [
        ("gemini", "agent", "default"),
        ("opencode", "agent", None),
        ("claude-acp", "yolo", "bypassPermissions"),
        ("codex-acp", "read-only", "read-only"),
    ],
)
def test_the_mode_in_the_agents_own_word(preset: str, mode: str, word: str | None) -> None:
    assert Start(shipped()[preset], "x", "/", mode=mode).agent_mode == word
