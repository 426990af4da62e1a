"""ui/widgets/detail/info.py: what the tab says of a task."""

from __future__ import annotations

import pytest

from tasktui.domain.events.evidence import Attempt
from tasktui.domain.records import EvidenceRow
from tasktui.domain.requests import Task, TaskDetail
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import AgentWork, Permissions, TaskSpec
from tasktui.domain.status import Kind, Status
from tasktui.ui.widgets.detail.info import info_lines

ROW = TaskRow("t", 1, Kind.AGENT, "fix it", "default", Status.RUNNING, 0, 0, 0)


@pytest.mark.feature(153)
@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({}, None),
        ({"auto_approve": True}, "approves its own requests"),
        ({"trust_mode": True, "allow_shell": False}, "trusts what it reads, no shell"),
    ],
)
def test_permissions_that_are_not_the_usual_ones_are_shown(given: dict[str, bool], shown: str | None) -> None:
    spec = TaskSpec(work=AgentWork(preset="any", prompt="fix it"), permissions=Permissions(**given))
    lines = [one.text for one in info_lines(ROW, TaskDetail(Task(ROW, spec)), 9)]
    found = [text for text in lines if text.startswith("permissions")]
    assert [text.removeprefix("permissions").strip() for text in found] == ([shown] if shown else [])


@pytest.mark.parametrize(
    ("told", "shown"), [(True, "Works in /w on the branch tasktui/t."), (False, "not made yet")]
)
def test_where_a_task_works_that_has_a_worktree(*, told: bool, shown: str) -> None:
    spec = TaskSpec(work=AgentWork(preset="any", prompt="fix it"), worktree=True)
    attempt = Attempt(id="worktree", summary="Works in /w on the branch tasktui/t.")
    row = EvidenceRow("t", "attempt", "worktree", 0, attempt.model_dump_json())
    detail = TaskDetail(Task(ROW, spec), evidence=(row,) if told else ())
    lines = [one.text for one in info_lines(ROW, detail, 9)]
    assert f"worktree      {shown}" in [text.rstrip() for text in lines]


@pytest.mark.parametrize(
    ("given", "shown"),
    [({}, []), ({"mode": "plan", "approval": "reads"}, ["mode          plan", "approval      reads"])],
)
def test_how_an_agent_works_is_shown_where_it_was_chosen(given: dict[str, str], shown: list[str]) -> None:
    spec = TaskSpec(work=AgentWork.model_validate({"preset": "any", "prompt": "fix it", **given}))
    lines = [one.text.rstrip() for one in info_lines(ROW, TaskDetail(Task(ROW, spec)), 9)]
    assert [text for text in lines if text.startswith(("mode", "approval"))] == shown
