"""The fields of the form that only a coding agent has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from textual import on
from textual.containers import Horizontal, Vertical
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from tasktui.ui.text import joined, safe_str
from tasktui.ui.widgets.form_field import FormField

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tasktui.ui.offers import AgentOffer
    from tasktui.ui.task_form import Draft

_APPROVALS: Final = ("ask", "reads", "allow", "deny")
_PLACEHOLDERS: Final = {
    "preset": "",
    "model": "its own",
    "mode": "agent, or plan",
    "approval": "ask, reads, allow, deny; else as the agent is set",
}


def with_agent(draft: Draft, offers: Sequence[AgentOffer]) -> Draft:
    """Return a draft that names the first agent that is installed, where it names none."""
    first = next((safe_str(offer.name) for offer in offers if offer.installed), "")
    return replace(draft, preset=draft.preset or first)


class AgentFields(Vertical):
    """Which agent, and how it works; hidden while the task is none for an agent."""

    def __init__(self, shown: Draft, offers: Sequence[AgentOffer]) -> None:
        """Make the fields; of the offers those that are installed come first."""
        super().__init__(id="agent-fields")
        self._shown = shown
        self._offers = offers

    def compose(self) -> ComposeResult:
        """The agent with what is known of it, then what it works with."""
        shown = self._shown
        yield self._field("preset", "Agent", shown.preset, [offer.name for offer in self._offers])
        yield Static(id="offer")
        yield Horizontal(
            self._field("model", "Model", shown.model, ()),
            self._field("mode", "Mode", shown.mode, ("agent", "plan")),
            classes="pair",
        )
        yield self._field("approval", "Approval", shown.approval, _APPROVALS)

    def on_mount(self) -> None:
        """Say what is known of the agent that stands there."""
        self._tell(self.query_one("#field-preset", FormField).value)

    @on(FormField.Edited)
    def _edited(self, event: FormField.Edited) -> None:
        if event.field.name == "preset":
            self._tell(event.field.value)

    def _tell(self, typed: str) -> None:
        """What is said of the agent that was typed; of an unknown one, which there are."""
        found = next((offer for offer in self._offers if offer.name == typed.strip()), None)
        names = ", ".join(offer.name for offer in self._offers)
        note = found.note if found else f"There are {names}." if names else ""
        self.query_one("#offer", Static).update(joined((note, "dim")))

    def _field(self, name: str, label: str, value: str, known: Sequence[str]) -> FormField:
        entry = Input(
            safe_str(value),
            compact=True,
            placeholder=_PLACEHOLDERS[name],
            select_on_focus=False,
            suggester=SuggestFromList([safe_str(word) for word in known]) if known else None,
        )
        return FormField(name, label, entry)
