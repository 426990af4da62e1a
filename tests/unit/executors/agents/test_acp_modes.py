"""An agent that cannot be held to ask gets no prompt, unless nobody wants it to ask."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tasktui.domain.status import Status
from tasktui.executors.agents.policy import Policy, Rules
from tasktui.executors.agents.presets import shipped
from tests.unit.executors.agents.acp_replay import Talk

WITH: dict[str, Any] = {
    "currentModeId": "accept-edits",
    "availableModes": [{"id": "ask"}, {"id": "accept-edits"}],
}
WITHOUT = {"currentModeId": "accept-edits", "availableModes": [{"id": "accept-edits"}, {"id": "plan"}]}
VALUES = [{"value": "ask"}, {"value": "accept-edits"}]
OPTION = [{"id": "mode", "category": "mode", "options": VALUES}]
OTHER = [{"id": "mode", "category": "mode", "options": VALUES[1:]}]
TO_DO = (
    "Name a mode for this task by --mode NAME, or the one in which it asks as modes.agent under [agents.vibe]"
)
MODELS = {"availableModels": [{"modelId": "m"}]}


def ended(talk: Talk, *words: str) -> None:
    assert "session/prompt" not in [row["method"] for row in talk.said]
    end = talk.end_of_it
    assert (end.status, end.error_code) == (Status.FAILED, "agent_mode")
    for word in (*words, "in the mode ask, in which it asks", TO_DO):
        assert word in (end.error or "")
    assert talk.lines[-1] == "over"


def went_on(talk: Talk) -> None:
    assert talk.last["method"] == "session/prompt"
    assert talk.dialogue.conclusion() is None


@pytest.mark.parametrize("policy", ["ask", "reads", "deny"])
@pytest.mark.parametrize("mode", ["agent", "yolo"])
@pytest.mark.parametrize("session", [{"modes": WITH}, {"configOptions": OPTION}])
def test_a_mode_that_is_refused(policy: Policy, mode: str, session: dict[str, Any]) -> None:
    talk = Talk("vibe", rules=Rules(policy), mode=mode, model="m").ready(**session, models=MODELS)
    talk.fail(3, -32603, "not today")
    ended(talk, "The agent did not take ask", "not today", "It offers ask, accept-edits.")
    assert len(talk.said) == 3


@pytest.mark.parametrize("mode", ["agent", "yolo"])
@pytest.mark.parametrize(
    ("session", "offers"),
    [({"modes": WITHOUT}, "accept-edits, plan."), ({"configOptions": OTHER}, "accept-edits.")],
)
def test_a_mode_that_is_not_offered(mode: str, session: dict[str, Any], offers: str) -> None:
    talk = Talk("vibe", mode=mode, model="m").ready(**session, models=MODELS)
    ended(talk, "The agent has no mode ask.", f"It offers {offers}")
    assert len(talk.said) == 2


def test_a_task_that_may_allow_everything_goes_on_with_a_warning() -> None:
    talk = Talk("vibe", rules=Rules("allow")).ready(modes=WITH)
    talk.fail(3, -32603, "no")
    went_on(talk)
    assert talk.lines[-1] == "warning: The agent did not take ask (session/set_mode): no"
    talk = Talk("vibe", rules=Rules("allow")).ready(modes=WITHOUT)
    went_on(talk)
    assert talk.lines[-1] == "warning: The agent has no mode ask. It offers accept-edits, plan."
    talk = Talk("vibe", rules=Rules("allow"), mode="chat").ready(modes=WITHOUT)
    went_on(talk)
    assert "instead" not in "".join(talk.lines)


@pytest.mark.parametrize("session", [{"modes": WITH}, {"configOptions": OPTION}])
def test_a_mode_that_a_person_named_and_the_agent_has_not_leaves_it_asking(session: dict[str, Any]) -> None:
    """In the agent's own mode it would write files for a person who only wanted a plan."""
    talk = Talk("vibe", mode="plan", model="m").ready(**session, models=MODELS)
    told = "The agent has no mode plan. It offers ask, accept-edits. It works in the mode ask instead."
    assert f"warning: {told}" in talk.lines
    assert "ask" in talk.last["params"].values()
    talk.result(3)
    talk.result(4)
    went_on(talk)


def test_a_mode_that_a_person_named_and_the_agent_refuses_leaves_it_asking() -> None:
    offered = {**WITH, "availableModes": [*WITH["availableModes"], {"id": "plan"}]}
    talk = Talk("vibe", mode="plan", model="m").ready(modes=offered, models=MODELS)
    assert talk.last["params"]["modeId"] == "plan"
    talk.fail(3, -32603, "no")
    told = "The agent did not take plan (session/set_mode): no. It works in the mode ask instead."
    assert talk.lines[-1] == f"warning: {told}"
    talk.result(4)
    assert talk.last["params"]["modeId"] == "ask"
    talk.fail(5, -32603, "not today")
    ended(talk, "The agent did not take ask", "not today", "It offers ask, accept-edits, plan.")


@pytest.mark.parametrize("mode", ["plan", "chat"])
def test_one_that_can_be_put_neither_into_that_mode_nor_into_the_one_in_which_it_asks(mode: str) -> None:
    talk = Talk("vibe", mode=mode).ready(modes=WITHOUT)
    if mode == "plan":
        talk.fail(3, -32603, "no")
    ended(talk, "The agent has no mode ask.", "It offers accept-edits, plan.")


def test_a_named_mode_of_an_agent_that_has_none_is_no_more_than_a_wish() -> None:
    talk = Talk("vibe", mode="plan").ready()
    went_on(talk)
    assert "warning: The agent has no mode plan. It offers no choice of a mode." in talk.lines


@pytest.mark.parametrize("mode", ["full-access", "danger-full-access", "YOLO", "dontAsk"])
def test_a_task_that_denies_all_is_in_no_mode_in_which_nobody_is_asked(mode: str) -> None:
    offered = {"availableModes": [{"id": mode}, {"id": "read-only"}]}
    talk = Talk("codex-acp", rules=Rules("deny"), mode=mode).ready(modes=offered)
    assert talk.last["params"]["modeId"] == "read-only"


def test_settings_that_call_it_asking_do_not_make_it_so() -> None:
    own = replace(shipped()["vibe"], modes={"agent": "auto-approve"})
    offered = {"currentModeId": "ask", "availableModes": [{"id": "ask"}, {"id": "auto-approve"}]}
    talk = Talk(own).ready(modes=offered)
    went_on(talk)
    assert "session/set_mode" not in [row["method"] for row in talk.said]
    told = "The mode auto-approve needs a task that may allow everything: the agent asks as usual."
    assert f"warning: {told}" in talk.lines
    free = Talk(own, rules=Rules("allow")).ready(modes=offered)
    assert free.last["params"]["modeId"] == "auto-approve"


def test_a_refused_model_of_the_same_name_is_no_refused_mode() -> None:
    models = {"availableModels": [{"modelId": "ask"}]}
    talk = Talk("vibe", model="ask").ready(modes=WITH, models=models)
    talk.result(3)
    talk.fail(4, -32603, "no")
    went_on(talk)


@pytest.mark.parametrize("session", [{}, {"modes": {"availableModes": []}}])
def test_an_agent_without_modes_lacks_nothing(session: dict[str, Any]) -> None:
    went_on(Talk("vibe").ready(**session))


def test_a_person_who_wants_the_agents_own_default_has_it() -> None:
    own = replace(shipped()["vibe"], modes={"agent": "", "yolo": "auto-approve"})
    went_on(Talk(own).ready(modes=WITHOUT))
    talk = Talk(own, mode="yolo").ready(modes=WITHOUT)
    went_on(talk)
    assert "session/set_mode" not in [row["method"] for row in talk.said]


def test_a_stop_before_the_mode_is_refused_stays_the_end() -> None:
    talk = Talk("vibe").ready(modes=WITH)
    talk.stop()
    talk.fail(3, -32603, "no")
    assert talk.dialogue.conclusion() is None


@pytest.mark.parametrize(
    ("policy", "mode", "warned"),
    [
        ("ask", "yolo", True),
        ("deny", "bypassPermissions", True),
        ("allow", "yolo", False),
        ("ask", "plan", False),
    ],
)
def test_an_agent_that_says_it_asks_nobody_is_warned_of(policy: Policy, mode: str, warned: bool) -> None:
    talk = Talk("vibe", rules=Rules(policy)).ready()
    talk.update("current_mode_update", currentModeId=mode)
    assert f"status: Mode: {mode}" in talk.lines
    told = (
        f"warning: The agent says that it works in the mode {mode}: it asks nobody, and this task is to ask."
    )
    assert (told in talk.lines) is warned
