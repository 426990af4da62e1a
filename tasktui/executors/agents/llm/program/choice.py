"""Which model talks, at which address, with whose key: by the names of variables, never by their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tasktui.executors.agents.llm.program.wire import RefusedError

if TYPE_CHECKING:
    from pydantic_ai.models import Model

LOGIN: Final = -32000
"""The protocol's error for who is not known."""
WRONG: Final = -32602
BROKEN: Final = -32603
KEYS: Final = {
    "openai": "OPENAI_API_KEY", "openai-responses": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY",
}  # fmt: skip
"""The variable of the key for each provider, and for services that speak as one of them does."""
ADDRESSES: Final = {
    "openai": "OPENAI_BASE_URL", "openai-responses": "OPENAI_BASE_URL", "anthropic": "ANTHROPIC_BASE_URL",
}  # fmt: skip
ANSWER_TOKENS: Final = 8_192
"""Of one answer, for providers that must be told."""


@dataclass(frozen=True, slots=True, repr=False)
class Choice:
    """What was chosen."""

    model: str
    """PROVIDER:MODEL; empty where nobody said."""
    key_name: str
    address: str | None
    key: str

    @classmethod
    def made(cls, env: Mapping[str, str], model: str | None) -> Choice:
        """Read the variables: `LLM_MODEL`, `LLM_BASE_URL`, `LLM_KEY_ENV`, and those of the provider."""
        wanted = model or env.get("LLM_MODEL", "")
        provider = wanted.partition(":")[0]
        name = env.get("LLM_KEY_ENV") or KEYS.get(provider, "")
        address = env.get("LLM_BASE_URL") or env.get(ADDRESSES.get(provider, ""))
        return cls(wanted, name, address, env.get(name, ""))

    def secrets(self) -> frozenset[str]:
        """Return the variables that no tool is to see."""
        return frozenset({self.key_name, *KEYS.values()})

    def open(self) -> Model:
        """Return the model, ready to be asked.

        Raises:
            RefusedError: none was named, its provider or its key is not there, or the extra is not installed.
        """
        provider, _, name = self.model.partition(":")
        if not name:
            raise RefusedError(WRONG, "Which model? Give --model PROVIDER:MODEL, or set LLM_MODEL to it.")
        if provider not in KEYS:
            raise RefusedError(WRONG, f"There is no provider {provider}: there are {', '.join(KEYS)}.")
        if not self.key:
            raise RefusedError(LOGIN, f"The API key is missing: set the variable {self.key_name}.")
        try:
            return _made(provider, name, self)
        except ImportError as exc:
            text = f"The extra llm is not installed ({exc.name}). Run: pip install 'tasktui[llm]'"
            raise RefusedError(BROKEN, text) from exc


def _made(provider: str, name: str, choice: Choice) -> Model:
    if provider == "anthropic":
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        known = AnthropicProvider(api_key=choice.key, base_url=choice.address)
        return AnthropicModel(name, provider=known, settings={"max_tokens": ANSWER_TOKENS})
    from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
    from pydantic_ai.providers.openai import OpenAIProvider

    kind = OpenAIResponsesModel if provider == "openai-responses" else OpenAIChatModel
    return kind(name, provider=OpenAIProvider(api_key=choice.key, base_url=choice.address))
