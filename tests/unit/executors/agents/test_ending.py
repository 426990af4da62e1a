"""How an agent's run ended: its own last word first, what was seen of its process else."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tasktui.domain.ports.executor import Outcome, RunContext
from tasktui.domain.status import Reason, Status
from tasktui.executors.agents.dialogue import Conclusion, End
from tasktui.executors.agents.ending import outcome_of
from tasktui.executors.agents.presets import shipped
from tasktui.executors.launch import ExitRecord, SpawnFailure

DONE = Conclusion(Status.COMPLETED, Reason.COMPLETED, "stopReason end_turn", result="well", usage={"x": 1})


@dataclass
class Asked:
    """What an ending needs of a `RunContext`: whether a stop was asked for, and the task's deadline."""

    cancel: Any
    spec: Any


def outcome(
    record: ExitRecord, said: Conclusion | None = None, *, stopped: bool = False, stderr: str = ""
) -> Outcome:
    ctx = Asked(SimpleNamespace(requested=stopped, forced=False), SimpleNamespace(timeout_s=5.0))
    end = End(stopped, record.code, stderr)
    return outcome_of(cast("RunContext", ctx), shipped()["gemini"], record, end, said)


def record(code: int | None = 0, **more: Any) -> ExitRecord:
    return ExitRecord("t", 1, code=code, **more)


@pytest.mark.parametrize("code", [0, 1, 143])
def test_the_last_word_counts_whatever_the_exit_code(code: int) -> None:
    found = outcome(record(code), DONE)
    assert (found.status, found.result, found.usage, found.exit_code) == (
        Status.COMPLETED, "well", {"x": 1}, code,
    )  # fmt: skip
    assert (found.evidence, found.source) == ("stopReason end_turn", "agent")


def test_no_last_word_is_no_success_even_with_exit_code_0() -> None:
    found = outcome(record(0), stderr="a\nb\nc\nlast")
    assert (found.status, found.reason, found.error_code) == (Status.FAILED, Reason.ERROR, "agent_silent")
    assert found.error == "Gemini CLI ended without saying how (exit code 0).\nb\nc\nlast"


def test_no_last_word_after_a_stop_is_canceled() -> None:
    found = outcome(record(0), stopped=True)
    assert (found.status, found.reason) == (Status.CANCELED, Reason.CANCELED)


def test_a_deadline_comes_before_the_last_word() -> None:
    found = outcome(record(None, signal=15, stopped="wall"), DONE)
    assert (found.status, found.error) == (Status.TIMED_OUT, "Not done within 5 s.")


def test_a_supervisor_that_vanished_after_the_last_word_costs_nothing() -> None:
    assert outcome(record(None, lost=True), DONE).status is Status.COMPLETED
    assert outcome(record(None, lost=True)).status is Status.LOST


def test_an_error_that_only_its_code_explains_gets_its_advice() -> None:
    said = Conclusion(Status.FAILED, Reason.ERROR, "x", error="nope", error_code="agent_login")
    found = outcome(record(0), said)
    assert found.error_code == "agent_login"
    assert (found.error or "").startswith("nope\nGemini CLI is not logged in. Run `gemini` once")


def test_the_error_output_is_read_for_advice() -> None:
    found = outcome(record(1), stderr="error: unknown option '--acp'")
    assert found.error_code == "agent_version"
    assert (found.error or "").endswith("its version is not one tasktui knows.")


def test_a_program_that_is_not_there() -> None:
    found = outcome(record(None, failure=SpawnFailure("no_program", 2, "gemini: not found")))
    assert (found.status, found.reason, found.error_code) == (
        Status.FAILED, Reason.SPAWN_FAILED, "no_program",
    )  # fmt: skip
    assert "npm install -g @google/gemini-cli" in (found.error or "")
