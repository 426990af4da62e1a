from __future__ import annotations

import pytest

from tasktui.domain.spec import AgentWork, CustomWork, PythonWork, RemoteWork, ShellWork, TaskSpec


@pytest.mark.parametrize(
    "work",
    [
        ShellWork(argv=("true",)),
        AgentWork(preset="claude", prompt="fix it"),
        PythonWork(function="pkg:run"),
        RemoteWork(url="https://x.example", prompt="hello"),
        CustomWork(executor="mine"),
    ],
)
def test_a_spec_kept_without_its_defaults_reads_back_as_it_was(
    work: ShellWork | AgentWork | PythonWork | RemoteWork | CustomWork,
) -> None:
    spec = TaskSpec(work=work, tags=("nightly",))
    assert TaskSpec.model_validate_json(spec.model_dump_json(exclude_defaults=True)) == spec


@pytest.mark.parametrize("work", [PythonWork(function="pkg:run"), RemoteWork(url="https://x", prompt="go")])
def test_only_what_has_a_directory_works_in_a_worktree(work: PythonWork | RemoteWork) -> None:
    with pytest.raises(ValueError, match="only commands and agents can work in a worktree"):
        TaskSpec(work=work, worktree=True)
