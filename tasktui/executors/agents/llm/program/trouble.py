"""A provider's refusal as the protocol's error, in a sentence from which one knows what to do."""

from __future__ import annotations

from typing import Any

from pydantic_ai.exceptions import (
    AgentRunError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelRateLimitError,
)  # fmt: skip

from tasktui.executors.agents.llm.program.choice import BROKEN, LOGIN
from tasktui.executors.agents.llm.program.wire import RefusedError


def refused(failure: AgentRunError) -> RefusedError:
    """Return the error for the client."""
    text = _words(failure)
    if isinstance(failure, ModelAuthenticationError):
        return RefusedError(LOGIN, f"The provider does not take the API key: {text}")
    if isinstance(failure, ModelRateLimitError):
        wait = f"; try again in {failure.retry_after:.0f} seconds" if failure.retry_after else ""
        return RefusedError(BROKEN, f"The provider's rate limit is reached: {text}{wait}")
    if isinstance(failure, ModelConnectionError):
        return RefusedError(BROKEN, f"Connection error: {failure.__cause__ or text}")
    return RefusedError(BROKEN, text)


def _words(failure: AgentRunError) -> str:
    """Return what the provider itself said, else what the library says of it."""
    body: Any = failure.body if isinstance(failure, ModelAPIError) else None
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        body = body["error"]
    said = body.get("message") if isinstance(body, dict) else None
    status = getattr(failure, "status_code", None)
    return f"{said} (status {status})" if isinstance(said, str) and status else str(said or failure)
