"""The questions that an agent asks by its tool AskUserQuestion: one or several at once, answered together."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from tasktui.domain.events.base import Data
from tasktui.domain.events.people import InputRequested
from tasktui.domain.facts import Facts

BY_NUMBER: Final = "ask_user_question"
"""Qwen Code's name of the tool; it knows answers by the number of their question."""
TOOLS: Final = frozenset({"askuserquestion", BY_NUMBER})
UNANSWERED: Final = "Nobody answered in time. Decide by yourself, say what you decided, and go on."


class Question(NamedTuple):
    """One question, and its place among those that were asked at once."""

    request_id: str
    text: str
    facts: Facts


class Questions:
    """One use of the tool."""

    def __init__(self, request_id: str, tool: str, tool_input: object) -> None:
        self._by_number = tool == BY_NUMBER
        self._input = tool_input if isinstance(tool_input, dict) else {}
        asked = Facts.of(self._input).records("questions") or [Facts.of(self._input)]
        ids = [request_id] if len(asked) == 1 else [f"{request_id}/{n}" for n in range(1, len(asked) + 1)]
        self._asked = [
            Question(key, facts.text("question") or facts.text("header") or "The agent asks.", facts)
            for key, facts in zip(ids, asked, strict=True)
        ]
        self._answers: dict[str, str] = {}

    def requests(self) -> list[Data]:
        """Return the questions as a person gets them."""
        return [_request(question) for question in self._asked]

    def waiting(self) -> list[str]:
        """Return the requests that have no answer yet."""
        return [question.request_id for question in self._asked if question.request_id not in self._answers]

    def answer(self, request_id: str, text: str) -> bool:
        """Take an answer; return whether it was the last."""
        self._answers[request_id] = text
        return len(self._answers) == len(self._asked)

    def answered(self) -> dict[str, Any]:
        """Return the tool's input with the answers, each by its question."""
        answers = {
            str(number) if self._by_number else question.text: self._answers[question.request_id]
            for number, question in enumerate(self._asked)
        }
        return {**self._input, "answers": answers}


def _request(question: Question) -> InputRequested:
    options = question.facts.records("options")
    described = {option.text("label"): option.text("description") for option in options}
    context: dict[str, object] = {}
    if header := question.facts.text("header"):
        context["header"] = header
    if any(described.values()):
        context["options"] = described
    if question.facts.flag("multiSelect"):
        context["several"] = "more than one may be chosen, separated by commas"
    return InputRequested(
        request_id=question.request_id, question=question.text,
        options=tuple(label for label in described if label), context=context,
    )  # fmt: skip
