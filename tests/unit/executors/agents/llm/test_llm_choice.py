"""Which model, where, with whose key: from the names of variables."""

from __future__ import annotations

import pytest
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel

from tasktui.executors.agents.llm.program.choice import LOGIN, WRONG, Choice
from tasktui.executors.agents.llm.program.wire import RefusedError

KEYS = {"OPENAI_API_KEY": "a", "ANTHROPIC_API_KEY": "b", "MINE": "c"}


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("openai:gpt", OpenAIChatModel), ("openai-responses:gpt", OpenAIResponsesModel),
        ("anthropic:claude", AnthropicModel),
    ],
)  # fmt: skip
def test_a_provider_by_its_name(model, kind):
    made = Choice.made({"LLM_MODEL": "openai:other"} | KEYS, model).open()
    assert isinstance(made, kind)
    assert made.model_name == model.partition(":")[2]


def test_a_person_names_the_variable_of_the_key_and_the_address():
    env = {"LLM_MODEL": "openai:m", "LLM_KEY_ENV": "MINE", "LLM_BASE_URL": "http://127.0.0.1:9/v1"} | KEYS
    choice = Choice.made(env, None)
    assert (choice.key, choice.key_name) == ("c", "MINE")
    assert choice.open().base_url.startswith("http://127.0.0.1:9/v1")
    assert {"MINE", "OPENAI_API_KEY", "ANTHROPIC_API_KEY"} <= choice.secrets()
    assert "'c'" not in repr(choice)


@pytest.mark.parametrize(
    ("model", "env", "code", "words"),
    [
        (None, KEYS, WRONG, "Which model?"), ("gpt", KEYS, WRONG, "Which model?"),
        ("parrot:polly", KEYS, WRONG, "no provider parrot"),
        ("openai:gpt", {}, LOGIN, "API key is missing: set the variable OPENAI_API_KEY"),
        ("openai:gpt", {"LLM_KEY_ENV": "MINE"}, LOGIN, "set the variable MINE"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(model, env, code, words):
    with pytest.raises(RefusedError, match=words.replace("?", r"\?")) as refused:
        Choice.made(env, model).open()
    assert refused.value.code == code
