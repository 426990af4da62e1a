"""Fields as typed become a spec, or a sentence beside the field that is wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktui.domain.durations import parse_duration
from tasktui.domain.spec import AgentWork, CustomWork, PythonWork, ShellWork, TaskSpec
from tasktui.ui.task_form import Draft, DraftError, FieldName, draft_of, read

BASE = Path("/srv/shop")


def read_again(spec: TaskSpec, **changes: object) -> TaskSpec:
    shown = draft_of(spec)
    return read(replace(shown, **changes), BASE, like=spec, shown=shown)  # type: ignore[arg-type]  # named by the test


def problem(field: FieldName, draft: Draft) -> str:
    with pytest.raises(DraftError) as raised:
        read(draft, BASE)
    assert list(raised.value.problems) == [field]
    return raised.value.problems[field]


def test_a_command_alone_is_enough() -> None:
    spec = read(Draft(work="make 'the test'"), BASE)
    assert spec == TaskSpec(work=ShellWork(argv=("make", "the test")), cwd="/srv/shop")


def test_every_field_is_read() -> None:
    draft = Draft(
        work="a | b", name=" build ", cwd="sub", lane="gpu", priority="-5", timeout="1h30m", idle="90",
        tags="nightly, db nightly", watch="out '/a b'", shell=True, held=True,
    )  # fmt: skip
    assert read(draft, BASE) == TaskSpec(
        work=ShellWork(command="a | b"), name="build", cwd="/srv/shop/sub", lane="gpu", priority=-5,
        timeout_s=5400, idle_timeout_s=90, tags=("nightly", "db"), watch=("/srv/shop/sub/out", "/a b"),
        held=True,
    )  # fmt: skip


def test_a_home_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert read(Draft(work="ls", cwd="~/x"), BASE).cwd == "/home/me/x"


@pytest.mark.parametrize(
    ("field", "draft"),
    [
        ("work", Draft(work="  ")),
        ("work", Draft(work="echo 'x")),
        ("work", Draft(work="cd x\nmake")),
        ("work", Draft(work="''")),
        ("work", Draft(work="a\0b", shell=True)),
        ("name", Draft(work="ls", name="x" * 513)),
        ("cwd", Draft(work="ls", cwd="~nobody-of-this-name/x")),
        ("cwd", Draft(work="ls", cwd="a\0b")),
        ("lane", Draft(work="ls", lane="two words")),
        ("priority", Draft(work="ls", priority="high")),
        ("priority", Draft(work="ls", priority="1001")),
        ("timeout", Draft(work="ls", timeout="soon")),
        ("timeout", Draft(work="ls", timeout="0")),
        ("idle", Draft(work="ls", idle="366d")),
        ("tags", Draft(work="ls", tags="x" * 129)),
        ("watch", Draft(work="ls", watch="'out")),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(field: FieldName, draft: Draft) -> None:
    assert problem(field, draft).endswith(".")


def test_all_problems_come_at_once() -> None:
    with pytest.raises(DraftError) as raised:
        read(Draft(work="", priority="x", timeout="y"), BASE)
    assert set(raised.value.problems) == {"work", "priority", "timeout"}


def test_what_no_field_shows_is_taken_over() -> None:
    old = TaskSpec(
        work=ShellWork(argv=("ls",), ok_exit_codes=(0, 3), stdin=False), cwd="/x", retries=4,
        metadata={"pr": 7}, env_keys=("TOKEN",),
    )  # fmt: skip
    new = read_again(old, work="ls -l", lane="gpu")
    assert new == old.model_copy(
        update={"work": ShellWork(argv=("ls", "-l"), ok_exit_codes=(0, 3), stdin=False), "lane": "gpu"}
    )


def test_what_belongs_to_one_submission_is_not_repeated() -> None:
    old = TaskSpec(work=ShellWork(argv=("ls",)), cwd="/x", idempotency_key="k", request_id="r", held=True)
    new = read_again(old)
    assert (new.idempotency_key, new.request_id, new.held) == (None, None, False)


def test_an_untouched_field_keeps_what_no_screen_shows() -> None:
    hidden = "echo \x1b[2J \u202e x"
    old = TaskSpec(work=ShellWork(command=hidden), name="a\u200bb", cwd="/x", timeout_s=0.25)
    shown = replace(draft_of(old), work="echo  x", name="ab")
    assert read(shown, BASE, like=old, shown=shown) == old
    typed = read(replace(shown, name="abc"), BASE, like=old, shown=shown)
    assert (typed.name, typed.work) == ("abc", old.work)


def test_the_same_words_by_the_shell_are_another_command() -> None:
    old = TaskSpec(work=ShellWork(argv=("echo", "a b")), cwd="/x")
    assert read_again(old, shell=True).work == ShellWork(command="echo 'a b'")


def test_a_prompt_and_a_function_can_be_edited_and_other_work_stays() -> None:
    agent = TaskSpec(work=AgentWork(preset="p", prompt="Fix\nit", model="m"), cwd="/x")
    assert read_again(agent, work="Fix\nall").work == AgentWork(preset="p", prompt="Fix\nall", model="m")
    job = TaskSpec(work=PythonWork(function="a:b", arguments={"n": 1}), cwd="/x")
    assert read_again(job, work="a:c n=1").work == PythonWork(function="a:c", arguments={"n": 1})
    custom = TaskSpec(work=CustomWork(executor="e", payload={"n": 1}), cwd="/x")
    assert read_again(custom, work="other").work == custom.work


def test_a_wrong_function_is_said_so() -> None:
    job = TaskSpec(work=PythonWork(function="a:b"), cwd="/x")
    with pytest.raises(DraftError) as raised:
        read_again(job, work="no function")
    assert "work" in raised.value.problems


@given(st.integers(min_value=1, max_value=31_536_000))
def test_durations_are_typed_as_they_are_read(seconds: int) -> None:
    spec = TaskSpec(work=ShellWork(argv=("ls",)), timeout_s=seconds)
    assert parse_duration(draft_of(spec).timeout) == seconds * 1000


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\n\r\0", exclude_categories=["Cs"]), min_size=1), min_size=1
    )
)
def test_a_command_survives_the_form(argv: list[str]) -> None:
    if argv[0].strip():
        spec = TaskSpec(work=ShellWork(argv=tuple(argv)), cwd="/x")
        assert read(draft_of(spec), BASE, like=spec, shown=Draft()).work == spec.work
