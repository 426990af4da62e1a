"""What `tasktui` offers by name, and that the embedding manager offers the whole port."""

from __future__ import annotations

import inspect

import pytest

import tasktui
from tasktui import events
from tasktui.bootstrap.asked import Options
from tasktui.bootstrap.embedding import TaskManager
from tasktui.bootstrap.forwarding import Forwarding
from tasktui.domain.events.registry import EVENTS, REPORTABLE
from tasktui.domain.ports.checks import Checks
from tasktui.domain.ports.intake import Intake
from tasktui.domain.ports.manager import Manager
from tasktui.domain.spec import TaskSpec

VERBS = sorted(name for part in (Manager, Intake, Checks) for name in vars(part) if not name.startswith("_"))


def test_every_name_is_there() -> None:
    for name in tasktui.__all__:
        assert getattr(tasktui, name).__name__ == name
        assert name in dir(tasktui)
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        getattr(tasktui, "Nothing")  # noqa: B009  # a name that is not there is the point


@pytest.mark.parametrize("verb", VERBS)
def test_the_embedding_manager_has_every_verb_of_the_port(verb: str) -> None:
    offered = inspect.signature(getattr(TaskManager, verb))
    if verb in vars(Forwarding):
        assert offered == inspect.signature(getattr(Manager, verb))
    else:
        assert {"submit", "close"} >= {verb}


def test_every_fact_that_an_executor_may_report_is_offered() -> None:
    offered = {
        model.TYPE
        for model in vars(events).values()
        if inspect.isclass(model) and issubclass(model, events.Data) and model is not events.Data
    }
    assert offered == REPORTABLE
    assert all(EVENTS[name].__name__ in events.__all__ for name in REPORTABLE)


def test_every_field_of_a_spec_can_be_said_in_words() -> None:
    not_words = {"work", "env_keys", "permissions"}
    assert set(Options.__annotations__) == set(TaskSpec.model_fields) - not_words
