"""What to do about an agent that failed, told from its own words."""

from __future__ import annotations

import pytest

from tasktui.executors.agents import advice
from tasktui.executors.agents.presets import shipped, with_own


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Error: Please log in first", "agent_login"), ("Authentication required", "agent_login"),
        ("API key not valid: invalid api key", "agent_login"), ("HTTP 401 Unauthorized", "agent_login"),
        ("getaddrinfo ENOTFOUND api.example", "agent_network"), ("TypeError: fetch failed", "agent_network"),
        ("429 Too Many Requests", "agent_limit"), ("You exceeded your current quota", "agent_limit"),
        ("Usage limit reached; unauthorized until noon", "agent_limit"),
        ("unknown option '--acp'", "agent_version"), ("SyntaxError: Unexpected token", "agent_version"),
        ("Method not found", "agent_version"), ("it just broke", None), ("", None),
        ("line 4290 of the file", None), ("see issue 14012", None),
    ],
)  # fmt: skip
def test_the_sort_of_a_failure(text: str, code: str | None) -> None:
    assert advice.code_of(text) == code


@pytest.mark.parametrize("preset", sorted(shipped()))
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("please log in", "is not logged in. "), ("fetch failed", "could not reach its service"),
        ("rate limit", "at its provider's limit"), ("unknown flag", "its version is not one tasktui knows"),
    ],
)  # fmt: skip
def test_a_sentence_says_who_and_what_to_do(preset: str, text: str, words: str) -> None:
    said = advice.sentence(shipped()[preset], text)
    assert said is not None
    assert said.startswith(shipped()[preset].title)
    assert words in said


def test_words_that_tell_nothing_give_no_advice() -> None:
    assert advice.sentence(shipped()["gemini"], "it just broke") is None


def test_a_program_that_is_not_there() -> None:
    far = with_own({"far": {"url": "wss://agents.example/acp"}})["far"]
    assert advice.not_there(far).startswith("The program that talks with far is gone: tasktui was moved")
    said = advice.not_there(shipped()["gemini"])
    assert said.startswith("Gemini CLI is not installed: gemini is not in the PATH. Install it: npm install")
