"""How a session of the Agent Client Protocol begins, and how it ends a task."""

from __future__ import annotations

import pytest

from tasktui.domain.status import Status
from tasktui.executors.agents.policy import Rules
from tests.unit.executors.agents.acp_replay import Talk

LS = {"toolCallId": "t", "kind": "execute", "title": "ls", "rawInput": {"command": "ls"}}


def test_a_history_that_is_replayed_is_marked_and_not_told_again() -> None:
    talk = Talk(session_id="old")
    talk.result(1, agentCapabilities={"loadSession": True})
    assert (talk.last["method"], talk.last["params"]["sessionId"]) == ("session/load", "old")
    talk.update("agent_message_chunk", content={"type": "text", "text": "then"})
    talk.update("tool_call", **LS, status="pending")
    talk.result(2)
    talk.update("tool_call_update", toolCallId="t", status="completed")
    assert talk.lines == [
        "status: The session's history was read again: pieces 1 of the agent, 1 of its tools.",
        "linked session_id",
    ]
    assert talk.last["params"]["sessionId"] == "old"


@pytest.mark.parametrize(
    ("preset", "can", "method"),
    [
        ("codex-acp", {"loadSession": True, "sessionCapabilities": {"resume": {}}}, "session/resume"),
        ("claude-acp", {"loadSession": True, "sessionCapabilities": {"resume": {}}}, "session/load"),
        ("claude-acp", {"sessionCapabilities": {"resume": {}}}, "session/resume"),
        ("codex-acp", {"loadSession": True}, "session/load"),
        ("codex-acp", {}, "session/resume"),
        ("gemini", {}, "session/load"),
    ],
)
def test_how_a_session_is_taken_up_again(preset: str, can: dict[str, object], method: str) -> None:
    talk = Talk(preset, session_id="old")
    talk.result(1, agentCapabilities=can)
    assert talk.last["method"] == method


CONFIG = [
    {"id": "mode", "category": "mode", "options": [{"value": "build"}, {"value": "plan"}]},
    {"id": "model", "category": "model", "options": [{"name": "G", "options": [{"value": "m1"}]}]},
]


def test_wishes_are_fulfilled_one_after_the_other_before_the_prompt() -> None:
    talk = Talk("opencode", mode="plan", model="m1").ready(configOptions=CONFIG)
    assert talk.last["params"] == {"sessionId": "s", "configId": "mode", "value": "plan"}
    talk.result(3)
    assert talk.last["params"] == {"sessionId": "s", "configId": "model", "value": "m1"}
    talk.fail(4, -32603, "no such model")
    assert talk.lines[-1] == "warning: The agent did not take m1 (session/set_config_option): no such model"
    assert talk.last["method"] == "session/prompt"


def test_a_model_of_gemini() -> None:
    models = {"availableModels": [{"modelId": "pro"}]}
    talk = Talk("gemini", model="pro").ready(models=models)
    assert talk.last["method"] == "session/set_model"
    assert talk.last["params"] == {"sessionId": "s", "modelId": "pro"}


@pytest.mark.parametrize("mode", ["yolo", "bypassPermissions"])
def test_a_mode_that_asks_nobody_needs_a_task_that_may_allow_everything(mode: str) -> None:
    modes = {"availableModes": [{"id": "bypassPermissions"}, {"id": "default"}]}
    careful = Talk("claude-acp", mode=mode).ready(modes=modes)
    assert careful.last["params"]["modeId"] == "default"
    assert "needs a task that may allow everything" in careful.lines[0] + careful.lines[-1]
    free = Talk("claude-acp", mode=mode, rules=Rules("allow")).ready(modes=modes)
    assert free.last["params"]["modeId"] == "bypassPermissions"


@pytest.mark.parametrize("mode", ["agent", "yolo"])
@pytest.mark.parametrize(
    ("preset", "asks"),
    [
        ("qwen", "default"),
        ("vibe", "ask"),
        ("codex-acp", "read-only"),
        ("gemini", "default"),
        ("claude-acp", "default"),
    ],
)
def test_agents_that_do_not_ask_by_themselves_are_told_to(preset: str, asks: str, mode: str) -> None:
    """Left to itself, Qwen Code has a model decide which calls need a question, Vibe edits without one,
    and codex-acp has a model decide, too; the others may be set so by the person's own settings.
    """
    offered = [
        "read-only",
        "agent",
        "agent-full-access",
        "default",
        "auto",
        "yolo",
        "ask",
        "accept-edits",
        "auto-approve",
    ]
    talk = Talk(preset, mode=mode).ready(modes={"availableModes": [{"id": name} for name in offered]})
    assert (talk.last["method"], talk.last["params"]["modeId"]) == ("session/set_mode", asks)
    talk.result(3)
    assert talk.last["method"] == "session/prompt"


def test_an_agent_that_asks_already_or_has_no_modes_is_not_told_to() -> None:
    for modes in ({"currentModeId": "default", "availableModes": [{"id": "default"}, {"id": "yolo"}]}, {}):
        talk = Talk("gemini").ready(modes=modes)
        assert talk.last["method"] == "session/prompt"
        assert not [line for line in talk.lines if line.startswith("warning")]


@pytest.mark.parametrize("method", ["craft/drainMidTurnQueue", "_mine/more"])
def test_a_question_only_for_clients_of_its_own_is_refused_without_a_warning(method: str) -> None:
    talk = Talk("qwen").ready()
    before = len(talk.lines)
    talk.agent(id=0, method=method, params={"sessionId": "s"})
    assert talk.last["error"] == {"code": -32601, "message": f"tasktui does not offer {method}"}
    assert not [line for line in talk.lines[before:] if line.startswith("warning")]


def test_files_go_along_as_links() -> None:
    talk = Talk(attachments=("/w/a b.py",)).ready()
    assert talk.last["params"]["prompt"] == [
        {"type": "text", "text": "do it"},
        {"type": "resource_link", "uri": "file:///w/a%20b.py", "name": "a b.py"},
    ]


@pytest.mark.parametrize(
    ("reason", "status", "words"),
    [
        ("end_turn", Status.COMPLETED, None),
        ("cancelled", Status.CANCELED, None),
        ("max_tokens", Status.FAILED, "limit of tokens"),
        ("max_turn_requests", Status.FAILED, "limit of requests"),
        ("refusal", Status.FAILED, "refused"),
        ("tired", Status.FAILED, "stopReason tired"),
        (None, Status.FAILED, "stopReason missing"),
    ],
)
def test_the_stop_reason_ends_the_task(reason: str | None, status: Status, words: str | None) -> None:
    talk = Talk().ready()
    talk.result(3, stopReason=reason)
    assert talk.end_of_it.status is status
    assert words is None or words in (talk.end_of_it.error or "")
    assert talk.lines[-1] == "over"


def test_an_agent_that_wants_a_login_says_how() -> None:
    talk = Talk("gemini")
    talk.result(1, authMethods=[{"id": "a", "name": "Log in with Google"}, {"id": "b", "name": "API key"}])
    talk.fail(2, -32000, "Authentication required")
    assert talk.end_of_it.error_code == "agent_login"
    assert talk.end_of_it.error == "Authentication required It offers: Log in with Google, API key."
    assert talk.lines == ["over"]


def test_an_error_is_told_with_its_details() -> None:
    talk = Talk().ready()
    talk.fail(3, -32603, "Internal error", data={"details": "quota exceeded"})
    assert (talk.end_of_it.status, talk.end_of_it.error) == (Status.FAILED, "Internal error: quota exceeded")


def test_an_error_after_the_cancel_is_the_cancel() -> None:
    talk = Talk().ready()
    talk.stop()
    talk.fail(3, -32603, "aborted")
    assert talk.end_of_it.status is Status.CANCELED


def test_a_stop_before_the_session_has_no_word_and_no_prompt_follows() -> None:
    talk = Talk()
    assert list(talk.dialogue.stop()) == []
    talk.ready()
    assert [message["method"] for message in talk.said] == ["initialize", "session/new"]
    assert talk.dialogue.conclusion() is None


def test_qwen_tells_its_tokens_with_its_words() -> None:
    talk = Talk("qwen").ready()
    talk.update("agent_message_chunk", content={"type": "text", "text": "Hello."})
    usage = {"inputTokens": 100, "outputTokens": 20, "totalTokens": 120, "thoughtTokens": 0}
    for _ in range(2):
        talk.update("agent_message_chunk", content={"type": "text", "text": ""}, _meta={"usage": usage})
    talk.result(3, stopReason="end_turn", usage={"inputTokens": 7})
    assert talk.end_of_it.usage == {"input_tokens": 200, "output_tokens": 40}
    assert talk.end_of_it.result == "Hello."
