"""What an agent lets one choose in a session, by whichever way it offers that, and how one is wished for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from tasktui.domain.events.lifecycle import TaskWarning
from tasktui.domain.facts import Facts

WISHES: Final = frozenset({"session/set_mode", "session/set_model", "session/set_config_option"})
MANY: Final = 8
"""Of what an agent offers, in a sentence."""
_NAMES: Final = {"mode": "id", "model": "modelId"}
"""How an agent calls one of a category in the list of them."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A request without which the talk could begin, too."""

    method: str
    params: Mapping[str, Any]

    def is_said_by(self, method: str, asked: Facts) -> bool:
        """Tell whether a request of ours says this."""
        return method == self.method and all(asked.text(key) == word for key, word in self.params.items())


class Choice:
    """What the agent offers of one category."""

    def __init__(self, category: Literal["mode", "model"], result: Facts) -> None:
        """Take the answer that began the session."""
        self._category = category
        listed, title = result.record(f"{category}s"), category.capitalize()
        self.current = listed.text(f"current{title}Id")
        """The one that holds now; empty when the agent does not say."""
        self._listed = [item.text(_NAMES[category]) for item in listed.records(f"available{title}s")]
        self._options = [item for item in result.records("configOptions") if _is(item, category)]

    @property
    def there(self) -> list[str]:
        """All that can be chosen."""
        values = (value for option in self._options for value in _values(option))
        return list(dict.fromkeys([*self._listed, *values]))

    def wish(self, wanted: str) -> Wish | None:
        """Return how one is asked for; None when it is not offered."""
        if wanted in self._listed:
            return Wish(f"session/set_{self._category}", {f"{self._category}Id": wanted})
        for option in self._options:
            if wanted in _values(option):
                return Wish("session/set_config_option", {"configId": option.text("id"), "value": wanted})
        return None

    def offer(self) -> str:
        """Return what there is, as a sentence."""
        there = ", ".join(self.there[:MANY])
        return f"It offers {there}." if there else f"It offers no choice of a {self._category}."

    def lack(self, wanted: str) -> str:
        """Return that one is not offered, as a sentence."""
        return f"The agent has no {self._category} {wanted}."


def warning(text: str) -> TaskWarning:
    """Return that a wish is not fulfilled."""
    return TaskWarning(message=text, code="agent_setting")


def _values(option: Facts) -> list[str]:
    """Return what an option can be set to; some agents put its values into groups."""
    groups = [value for group in option.records("options") for value in group.records("options")]
    return [value.text("value") for value in (*option.records("options"), *groups) if value.text("value")]


def _is(option: Facts, category: str) -> bool:
    """Tell whether an option is of a category: Codex has modes under two of them."""
    return any(option.text(key).endswith(category) for key in ("category", "id"))
