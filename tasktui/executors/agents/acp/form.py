"""A question of an agent that wants fields filled in, asked and answered in plain words."""

from __future__ import annotations

import json
from typing import Any, Final

from tasktui.domain.facts import Facts

_YES: Final = frozenset({"yes", "y", "true", "1", "on"})


class Form:
    """One `elicitation/create`.

    A person answers with the field's value; of several fields with `name: value` lines or a JSON object, and
    one that is neither goes into the first field.
    """

    def __init__(self, params: Facts) -> None:
        """Take the request's parameters."""
        schema = params.record("requestedSchema").record("properties")
        self._fields = {name: schema.record(name) for name in schema.names()}
        self._first = next(iter(schema.names()), "")
        self.options = self._choices(self._fields.get(self._first, Facts.of(None)))
        """What may be answered, where that is a choice."""
        self.question = self._asked(params)

    def _choices(self, spec: Facts) -> tuple[str, ...]:
        if len(self._fields) != 1:
            return ()
        if spec.text("type") == "boolean":
            return ("yes", "no")
        listed = [item.text("const") for key in ("oneOf", "anyOf") for item in spec.records(key)]
        return tuple(spec.words("enum") or [word for word in listed if word])

    def _asked(self, params: Facts) -> str:
        lines = [params.text("message") or "The agent asks.", params.text("url")]
        if len(self._fields) > 1:
            lines += [
                f"{name}: {spec.text('description') or spec.text('title')}".rstrip(": ")
                for name, spec in self._fields.items()
            ]
        return "\n".join(line for line in lines if line)

    def filled(self, text: str | None) -> dict[str, Any]:
        """Return the answer in the protocol's words; nothing said declines, nobody there cancels."""
        if text is None:
            return {"action": "cancel"}
        if not text.strip():
            return {"action": "decline"}
        if not self._fields:
            return {"action": "accept"}
        content = {name: _typed(self._fields[name], value) for name, value in self._said(text).items()}
        return {"action": "accept", "content": content}

    def _said(self, text: str) -> dict[str, Any]:
        if len(self._fields) == 1:
            return {self._first: text}
        given = Facts(text) if text.lstrip().startswith("{") else None
        pairs = dict(line.partition(":")[::2] for line in text.splitlines())
        found = {name: given.value(name) for name in given.names()} if given is not None else pairs
        known = {name.strip(): value for name, value in found.items() if name.strip() in self._fields}
        return known or {self._first: text}


def _typed(spec: Facts, value: Any) -> Any:
    """Return a value as its field wants it; what cannot be read so stays a text."""
    if not isinstance(value, str):
        return value
    word = value.strip()
    match spec.text("type"):
        case "boolean":
            return word.lower() in _YES
        case "integer" | "number":
            found = Facts.of({"value": _number(word)})
            return found.value("value") if found.real("value") is not None else word
        case "array":
            return [item.strip() for item in word.split(",") if item.strip()]
        case _:
            return word


def _number(word: str) -> Any:
    try:
        return json.loads(word)
    except ValueError:
        return None
