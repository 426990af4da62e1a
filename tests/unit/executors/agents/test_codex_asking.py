"""Questions that Codex takes back, and the limits of its provider."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tasktui.domain.ports.executor import Delivery
from tests.unit.executors.agents.replay import Replay, heard
from tests.unit.executors.agents.test_codex_captures import CodexDialogue, conclusion, start

APPROVAL = heard("codex-appserver-approval")
ASKED = next(at for at, line in enumerate(APPROVAL) if b"requestApproval" in line)


def asking() -> tuple[Replay, Any]:
    """Return a talk in which a permission waits, and the number of the request."""
    replay = Replay(CodexDialogue(start()))
    replay.hear(APPROVAL[: ASKED + 1])
    return replay, json.loads(APPROVAL[ASKED])["id"]


def tell(replay: Replay, method: str, **params: Any) -> None:
    replay.hear([json.dumps({"method": method, "params": params}).encode()])


def test_a_request_that_is_settled_elsewhere_needs_nobody() -> None:
    replay, number = asking()
    tell(replay, "serverRequest/resolved", requestId=number)
    assert replay.lines[-1] == f"expired codex-1-{number}: The agent took its question back."
    before = len(replay.said)
    replay.perform(replay.dialogue.answer(Delivery("i", "", "answer", "you", f"codex-1-{number}", "allow")))
    assert len(replay.said) == before


def test_one_that_was_answered_is_not_taken_back() -> None:
    replay, number = asking()
    replay.perform(replay.dialogue.answer(Delivery("i", "", "answer", "you", f"codex-1-{number}", "allow")))
    tell(replay, "serverRequest/resolved", requestId=number)
    assert not any(line.startswith("expired") for line in replay.lines)


def test_a_turn_that_ends_takes_its_questions_along() -> None:
    replay, number = asking()
    tell(replay, "turn/completed", turn={"id": "t", "status": "interrupted"})
    assert f"expired codex-1-{number}: The agent took its question back." in replay.lines


FULL = {"usedPercent": 100, "resetsAt": 1_795_300_000}
LATER = {"usedPercent": 100, "resetsAt": 1_795_900_000}
HALF = {"usedPercent": 50, "resetsAt": 1_799_000_000}


@pytest.mark.parametrize(
    ("told", "error", "limit"),
    [
        ([{"primary": FULL, "secondary": HALF}], {"codexErrorInfo": "usageLimitExceeded"}, 1_795_300_000_000),
        ([{"primary": FULL}, {"secondary": LATER}], {"message": "usage limit reached"}, 1_795_900_000_000),
        ([{"primary": FULL}, {"primary": None}], {"codexErrorInfo": "rateLimitExceeded"}, 1_795_300_000_000),
        ([{"primary": HALF}], {"codexErrorInfo": "usageLimitExceeded"}, None),
        ([], {"codexErrorInfo": "usageLimitExceeded"}, None),
    ],
)
def test_when_a_limit_ends_was_told_before(told, error, limit) -> None:
    replay, _ = asking()
    for limits in told:
        tell(replay, "account/rateLimits/updated", rateLimits={"limitId": "codex", **limits})
    tell(replay, "turn/completed", turn={"id": "t", "status": "failed", "error": error})
    ended = conclusion(replay)
    assert (ended.usage or {})["limit"] == ({} if limit is None else {"resets_at": limit})
    assert ended.error_code in {"agent_limit", None}


@pytest.mark.parametrize(
    ("info", "code"),
    [("unauthorized", "agent_login"), ("badRequest", None), ({"httpConnectionFailed": {}}, None)],
)
def test_other_errors_are_no_limits(info, code) -> None:
    replay, _ = asking()
    tell(replay, "account/rateLimits/updated", rateLimits={"primary": FULL})
    failed = {"id": "t", "status": "failed", "error": {"message": "no", "codexErrorInfo": info}}
    tell(replay, "turn/completed", turn=failed)
    assert conclusion(replay).error_code == code
    assert "limit" not in (conclusion(replay).usage or {})
