"""Credit: two frames ahead of the terminal at most, and never stuck on one that is silent."""

from __future__ import annotations

import pytest

from tasktui.ui.driver.credit import (
    IN_FLIGHT_BYTES,
    PATIENCE_S,
    REQUEST_EVERY_BYTES,
    SILENT_PACE_S,
    SLOWEST_BYTES_PER_S,
    Credit,
)

LARGE = REQUEST_EVERY_BYTES


def proven() -> Credit:
    credit = Credit()
    credit.answered(0.0)
    return credit


def test_a_terminal_that_never_answered_is_neither_asked_nor_waited_for() -> None:
    credit = Credit()
    for second in range(100):
        assert credit.wait_s(second) == 0
        assert not credit.sent(LARGE, second)
    assert credit.unanswered_bytes == 0


def test_small_frames_share_a_request() -> None:
    credit = proven()
    asked = [credit.sent(100, 0.0) for _ in range(12)]
    assert asked.count(True) == 2
    assert credit.unanswered_bytes == 1200


def test_two_unanswered_requests_hold_the_next_frame() -> None:
    credit = proven()
    assert credit.sent(LARGE, 0.0)
    assert credit.wait_s(0.0) == 0
    assert credit.sent(LARGE, 0.0)
    assert credit.wait_s(1.0) == PATIENCE_S + 2 * LARGE / SLOWEST_BYTES_PER_S - 1.0
    credit.answered(0.0)
    assert credit.wait_s(1.0) == 0


def test_a_terminal_that_stops_answering_gets_a_frame_now_and_then() -> None:
    credit = proven()
    now = 0.0
    sent_at = []
    while len(sent_at) < 40:
        now += credit.wait_s(now)
        credit.sent(LARGE, now)
        sent_at.append(now)
    assert max(credit.wait_s(now), sent_at[-1] - sent_at[-3]) == pytest.approx(SILENT_PACE_S)
    credit.answered(now)
    assert credit.wait_s(now) == 0


def test_a_suspension_forgets_what_was_outstanding() -> None:
    credit = proven()
    credit.sent(LARGE, 0.0)
    credit.sent(LARGE, 0.0)
    credit.reset()
    assert credit.wait_s(0.0) == 0
    assert credit.unanswered_bytes == 0


def test_on_a_slow_line_one_request_is_enough() -> None:
    credit = proven()
    credit.sent(LARGE, 0.0)
    credit.answered(1.0)
    credit.sent(LARGE, 1.0)
    assert credit.wait_s(1.0) > 0
    credit.answered(1.1)
    credit.sent(LARGE, 2.0)
    assert credit.wait_s(2.0) == 0


def test_one_large_frame_is_enough_on_the_way() -> None:
    credit = proven()
    credit.sent(IN_FLIGHT_BYTES, 0.0)
    assert credit.wait_s(0.0) > 0
    credit.answered(0.1)
    assert credit.wait_s(0.1) == 0
