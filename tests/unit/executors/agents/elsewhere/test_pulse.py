"""How long a stream may be quiet before it is lost."""

from __future__ import annotations

from tasktui.executors.agents.elsewhere.program.pulse import Pulse


def test_a_greeting_promises_nothing() -> None:
    pulse = Pulse(90)
    pulse.felt(0.0, 1)
    pulse.felt(0.1, 2)
    pulse.felt(500.0, 2)
    assert not pulse.is_known


def test_comments_with_time_between_them_promise_more() -> None:
    pulse = Pulse(90)
    pulse.felt(0.0, 1)
    pulse.felt(15.0, 2)
    assert pulse.is_known
    assert pulse.allowed_s == 90


def test_a_server_that_is_slow_to_say_it_gets_three_times_as_long() -> None:
    pulse = Pulse(90)
    for turn in range(3):
        pulse.felt(turn * 60.0, turn + 1)
    assert pulse.allowed_s == 180
