"""A provider's refusal in a sentence from which one knows what to do."""

from __future__ import annotations

import pytest
from pydantic_ai.exceptions import (
    ModelAuthenticationError,
    ModelConnectionError,
    ModelHTTPError,
    ModelRateLimitError,
    UnexpectedModelBehavior,
)

from tasktui.executors.agents.advice import code_of
from tasktui.executors.agents.llm.program.choice import BROKEN, LOGIN
from tasktui.executors.agents.llm.program.trouble import refused


def of(category, status, body, headers=None):
    return ModelHTTPError.for_category(
        category, status_code=status, model_name="m", body=body, headers=headers
    )


@pytest.mark.parametrize(
    ("failure", "code", "words", "sort"),
    [
        (
            of(ModelAuthenticationError, 401, {"error": {"message": "bad key"}}),
            LOGIN, "does not take the API key: bad key (status 401)", "agent_login",
        ),
        (
            of(ModelRateLimitError, 429, {"message": "slow down"}, {"Retry-After": "37"}),
            BROKEN, "slow down (status 429); try again in 37 seconds", "agent_limit",
        ),
        (ModelConnectionError("m", "no route"), BROKEN, "Connection error: no route", "agent_network"),
        (UnexpectedModelBehavior("no words"), BROKEN, "no words", None),
    ],
)  # fmt: skip
def test_refused(failure, code, words, sort):
    error = refused(failure)
    assert error.code == code
    assert words in str(error)
    assert code_of(str(error)) == sort
