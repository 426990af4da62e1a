"""Real agents, started, watched, answered, steered, stopped and taken over as a person would."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pytest

from tasktui.executors.agents.presets import shipped
from tests.integration.kept import files_with
from tests.real_agents.conftest import CANARY, Desk

pytestmark = pytest.mark.timeout(300)
TALKING = ("gemini", "codex", "llm", "claude", "opencode", "qwen", "qwen-stream", "vibe")
BRIDGES = ("claude-acp", "codex-acp")
FOR_LONG_RUNS = frozenset({"claude", "opencode", "qwen", "qwen-stream", "vibe", *BRIDGES})
LLM = frozenset({"llm", "llm-anthropic"})
COMMAND = "echo scripted > made-by-shell.txt && cat made-by-shell.txt"


def each(*names: str, seldom: frozenset[str] = frozenset()) -> pytest.MarkDecorator:
    """Run with each of these agents; with some of them only in the long runs."""
    rare = FOR_LONG_RUNS | seldom
    chosen = [pytest.param(name, marks=pytest.mark.soak) if name in rare else name for name in names]
    return pytest.mark.parametrize("desk", chosen, indirect=True)


def left_behind(mark: str) -> list[int]:
    """Return the processes that carry a mark."""
    return [one.pid for one in psutil.process_iter() if _environment(one).get("TASKTUI_MARK") == mark]


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except psutil.Error:
        return {}


@each(*TALKING, *BRIDGES, "llm-anthropic", "codex-exec")
def test_hello(desk: Desk) -> None:
    ran = desk("agent", desk.agent, "[[fake:hello]] hi")
    *before, said = ran.stdout.strip().splitlines()
    assert (ran.returncode, said) == (0, "Hello from the scripted model."), ran.stderr
    assert not before or desk.agent == "codex-acp", "which warns that it does not know the model"


@each(*TALKING, *BRIDGES)
def test_a_permission_is_asked_and_given(desk: Desk) -> None:
    task = desk.begin("[[fake:shell]] please go")
    asked = desk.until_told(task, "approval.requested")
    assert COMMAND in str(asked["summary"])
    assert not (desk.cwd / "made-by-shell.txt").exists()
    assert desk("approve", task).returncode == 0
    row = desk.ended(task)
    assert row["status"] == "completed", row
    assert (desk.cwd / "made-by-shell.txt").read_text() == "scripted\n"
    ends = [event for event in desk.told(task) if event["type"] == "tool.completed"]
    assert [end["ok"] for end in ends] == [True]


@each(*TALKING, *BRIDGES, seldom=LLM)
def test_a_permission_is_refused(desk: Desk) -> None:
    task = desk.begin("[[fake:shell]] please go")
    desk.until_told(task, "approval.requested")
    assert desk("deny", task, "--reason", "not now").returncode == 0
    row = desk.ended(task)
    assert row["status"] in {"completed", "canceled"}, row
    assert not (desk.cwd / "made-by-shell.txt").exists()
    ends = [event for event in desk.told(task) if event["type"] == "tool.completed"]
    assert [bool(end["ok"]) for end in ends] == [False]


@each(*TALKING, seldom=LLM)
def test_a_rule_decides_instead(desk: Desk) -> None:
    task = desk.begin("[[fake:shell]] please go", "--allow-tool", "*")
    assert desk.ended(task)["status"] == "completed"
    assert (desk.cwd / "made-by-shell.txt").exists()
    assert "approval.requested" not in {event["type"] for event in desk.told(task)}


@each(
    "gemini",
    "llm",
    "llm-anthropic",
    "claude",
    "opencode",
    "qwen",
    "qwen-stream",
    "vibe",
    seldom=LLM - {"llm"},
)
def test_a_written_file_shows_its_diff(desk: Desk) -> None:
    task = desk.begin("[[fake:write]] please go")
    desk.until_told(task, "approval.requested")
    assert desk("approve", task).returncode == 0
    assert desk.ended(task)["status"] == "completed"
    assert (desk.cwd / "notes.md").read_text() == "# Notes\nby the model\n"
    (end,) = [event for event in desk.told(task) if event["type"] == "tool.completed"]
    assert "+by the model" in str(end["diff"])


@each("opencode", "qwen", "qwen-stream", "vibe")
def test_a_plan_becomes_the_checklist(desk: Desk) -> None:
    task = desk.begin("[[fake:plan]] please go", "--allow-tool", "*")
    assert desk.ended(task)["status"] == "completed"
    (listed,) = [event["items"] for event in desk.told(task) if event["type"] == "checklist.updated"]
    assert isinstance(listed, list)
    assert [(item["content"], item["status"]) for item in listed] == [
        ("write the code", "in_progress"), ("run the tests", "pending"),
    ]  # fmt: skip


@each("qwen", "qwen-stream", "vibe", "codex-acp", "codex-exec")
def test_what_an_agent_lacks_is_said(desk: Desk) -> None:
    task = desk.begin("[[fake:hello]] hi")
    assert desk.ended(task)["status"] == "completed"
    preset = shipped()[desk.agent]
    said = {event["message"] for event in desk.told(task) if event["type"] == "task.status"}
    assert preset.lacks
    assert f"{preset.title} {preset.lacks}" in said


@each(*TALKING, *BRIDGES, seldom=LLM)
def test_a_message_reaches_the_model(desk: Desk) -> None:
    task = desk.begin("[[fake:slow]] go", "--allow-tool", "*")
    desk.until_told(task, "tool.started")
    assert desk("send", task, "remember the tests").returncode == 0
    (desk.cwd / "go").touch()
    desk.ended(task)
    assert desk.model.was_told("remember the tests")


@each(*TALKING, *BRIDGES)
def test_a_cancel_leaves_no_process(desk: Desk) -> None:
    task = desk.begin("[[fake:stray]] go", "--allow-tool", "*")
    desk.until_told(task, "tool.started")
    mark = _mark_of(desk, task)
    assert left_behind(mark)
    assert desk("cancel", task).returncode == 0
    assert desk.ended(task)["status"] == "canceled"
    deadline = time.monotonic() + 30
    while left_behind(mark):
        assert time.monotonic() < deadline, left_behind(mark)


@each(*TALKING)
def test_the_next_owner_goes_on_with_it(desk: Desk) -> None:
    task = desk.begin("[[fake:slow]] go", "--allow-tool", "*")
    desk.until_told(task, "tool.started")
    assert desk.owner is not None
    os.kill(desk.owner, signal.SIGKILL)
    assert desk("run", "-d", "--", "true").returncode == 0, "which starts the next owner"
    (desk.cwd / "go").touch()
    row = desk.ended(task)
    assert (row["status"], row["run_no"]) == ("completed", 1)
    events = [event["type"] for event in desk.told(task)]
    assert (events.count("tool.started"), events.count("tool.completed")) == (1, 1)


@each(*TALKING, "codex-exec", seldom=LLM)
def test_what_the_provider_refuses_is_told(desk: Desk) -> None:
    task = desk.begin("[[fake:boom]] go")
    row = desk.ended(task)
    assert row["status"] == "failed", row
    assert "scripted failure" in str(row["error"])


def _words(pid: int) -> list[str]:
    """Return the command line of a process; none of one that has just ended."""
    try:
        return psutil.Process(pid).cmdline()
    except psutil.Error:
        return []


def _mark_of(desk: Desk, task: str) -> str:
    for process in psutil.process_iter():
        found = _environment(process)
        if found.get("TASKTUI_TASK_ID") == task:
            return found["TASKTUI_MARK"]
    raise AssertionError(f"nothing of {task} runs")


@each("llm", "llm-anthropic", seldom=LLM - {"llm"})
def test_a_session_is_taken_up_again(desk: Desk) -> None:
    first = desk.ended(desk.begin("[[fake:hello]] remember the violets"))
    assert first["session_id"]
    task = desk.begin("[[fake:hello]] what was it?", "--resume", str(first["session_id"]))
    assert desk.ended(task)["status"] == "completed"
    assert "violets" in desk.model.asked[-1]
    assert "what was it?" in desk.model.asked[-1]


@each("llm")
def test_what_is_missing_is_said(desk: Desk) -> None:
    desk.more["KEY_OF_MINE"] = ""
    row = desk.ended(desk.begin("[[fake:hello]] hi"))
    assert (row["status"], row["error_code"]) == ("failed", "agent_login")
    assert "set the variable KEY_OF_MINE" in str(row["error"])
    row = desk.ended(desk.begin("[[fake:hello]] hi", "--model", "parrot:polly"))
    assert "There is no provider parrot" in str(row["error"])


@each("llm")
def test_a_key_stands_nowhere(desk: Desk) -> None:
    """Not in the data directory, not in a command line, not in what the agent's own commands see."""
    task = desk.begin("[[fake:shell]] please go", "--allow-tool", "*")
    assert desk.ended(task)["status"] == "completed"
    assert [*files_with(desk.home, CANARY.encode()), *files_with(desk.cwd, CANARY.encode())] == []
    stray = desk.begin("[[fake:stray]] go", "--allow-tool", "*")
    desk.until_told(stray, "tool.started")
    mark = _mark_of(desk, stray)
    while not (found := [pid for pid in left_behind(mark) if _words(pid) == ["sleep", "612"]]):
        time.sleep(0.05)
    assert CANARY not in " ".join(psutil.Process(found[0]).environ().values())
    assert not any(CANARY in word for pid in left_behind(mark) for word in _words(pid))
    assert desk("cancel", stray).returncode == 0
    desk.ended(stray)
