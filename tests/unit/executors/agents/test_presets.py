"""The agents that can be started by a name, shipped ones and a person's own."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tasktui.domain.errors import ConfigError
from tasktui.executors.agents.presets import shipped, whereabouts, with_own
from tasktui.executors.agents.protocols import PROTOCOLS, protocol_of
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


def test_a_person_names_one_mode_and_keeps_the_others() -> None:
    own = {
        "vibe": {"modes": {"plan": "x"}},
        "mine": {"like": "vibe", "modes": {"agent": "careful"}},
        "new": {"protocol": "acp", "argv": ["new"], "modes": {"plan": "p"}},
    }
    presets = with_own(own)
    assert presets["vibe"].modes == {"agent": "ask", "yolo": "auto-approve", "plan": "x"}
    assert presets["mine"].modes == {"agent": "careful", "yolo": "auto-approve"}
    assert presets["new"].modes == {"plan": "p"}
    assert shipped()["vibe"].modes == {"agent": "ask", "yolo": "auto-approve"}


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


def test_an_agent_at_an_address() -> None:
    own = {
        "far": {"url": "wss://agents.example/acp", "token_env": "FAR_TOKEN", "cwd": "/srv/work"},
        "near": {"url": "http://localhost:8000/acp", "token_env": "T", "resume": "load"},
        "gemini": {"url": "https://gemini.example:444/"},
        "windows": {"url": "wss://[2001:db8::1]/acp", "cwd": "C:\\work", "login": "Ask Ada."},
    }
    presets = with_own(own)
    far = presets["far"]
    assert (far.protocol, far.argv, far.cwd) == ("acp", (), "/srv/work")
    assert far.login == "Set FAR_TOKEN to a token that agents.example takes."
    assert far.install == "pip install 'tasktui[acp-remote]'"
    gemini = presets["gemini"]
    assert (gemini.title, gemini.intervene, gemini.argv) == ("Gemini CLI", "interrupt", ())
    assert gemini.login == "Where it wants a token, name the variable that holds it: agents.gemini.token_env."
    assert presets["windows"].login == "Ask Ada."
    argv = protocol_of(far).argv(Start(far, "x", "/"))
    assert argv[-4:] == ("--token-env", "FAR_TOKEN", "--", "wss://agents.example/acp")
    assert whereabouts(far) == "wss://agents.example/acp"
    keyed = with_own({"far": {"url": "wss://agents.example/acp?key=secret"}})["far"]
    assert whereabouts(keyed) == "wss://agents.example/acp", "people paste it"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"url": "ftp://x/acp"}, "agents.x.url is no address of an agent. Addresses are wss://HOST/PATH"),
        ({"url": "agents.example"}, "agents.x.url is no address of an agent"),
        ({"url": "wss:///acp"}, "agents.x.url is no address of an agent"),
        ({"url": "wss://[::1/acp"}, "agents.x.url is no address of an agent"),
        ({"url": "wss://x:99999/acp"}, "agents.x.url is no address of an agent"),
        ({"url": "wss://x/a b"}, "agents.x.url is no address of an agent"),
        ({"url": ""}, "agents.x.url is no address of an agent"),
        ({"url": 7}, "agents.x.url must be a word"),
        ({"url": "wss://ada:secret@x/acp"}, "agents.x.url holds a password: name a variable"),
        ({"url": "wss://x/acp#top"}, "agents.x.url has a fragment"),
        ({"url": "wss://x", "argv": ["x"]}, "agents.x has url and argv"),
        (
            {"url": "wss://x", "protocol": "claude"},
            'agents.x.url goes with protocol = "acp" alone, not with claude',
        ),
        (
            {"url": "wss://x", "like": "codex"},
            'agents.x.url goes with protocol = "acp" alone, not with codex',
        ),
        ({"url": "wss://x", "token_env": "sk-12/34"}, "agents.x.token_env must be the name of a variable"),
        ({"url": "ws://x:80/acp", "token_env": "T"}, "readable for everybody on the way: use wss://x:80."),
        ({"url": "http://x/acp", "token_env": "T"}, "readable for everybody on the way: use https://x."),
        (
            {"url": "wss://x", "cwd": "work"},
            "agents.x.cwd must be the whole path of a directory there, not work",
        ),
        ({"protocol": "acp", "argv": ["x"], "token_env": "T"}, "agents.x.token_env goes with url"),
        ({"protocol": "acp", "argv": ["x"], "cwd": "/"}, "agents.x.cwd goes with url"),
    ],
)
def test_a_wrong_address_is_named_and_no_secret_repeated(entry: Any, words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        with_own({"x": entry})
    assert words in str(raised.value)
    assert "secret" not in str(raised.value)
    assert "sk-12" not in str(raised.value)


@pytest.mark.parametrize("part", ["websockets", "h2"])
def test_an_agent_at_an_address_without_what_it_needs(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, part, None)
    assert whereabouts(with_own({"far": {"url": "wss://agents.example"}})["far"]) is None
