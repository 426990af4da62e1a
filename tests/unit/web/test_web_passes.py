"""Links work once and for a while; a session's cookie opens its own room and no other."""

from __future__ import annotations

from tasktui.web.passes import LINK_S, Pass, Passes


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def came_in(passes: Passes) -> Pass:
    made = passes.redeem(passes.new_token())
    assert made is not None
    return made


def test_a_token_works_once() -> None:
    passes = Passes()
    token = passes.new_token()
    assert passes.redeem(token) is not None
    assert passes.redeem(token) is None


def test_no_other_token_works_and_a_wrong_one_does_not_use_it_up() -> None:
    passes = Passes()
    assert passes.redeem("") is None, "there is no link yet"
    token = passes.new_token()
    for wrong in ("", "x", token[:-1], f"{token}x", "ü", "\udcff"):
        assert passes.redeem(wrong) is None
    assert passes.redeem(token) is not None


def test_a_token_dies_after_its_time() -> None:
    clock = Clock()
    passes = Passes(clock=clock)
    in_time, late = passes.new_token(), Passes(clock=clock)
    clock.now_s += LINK_S
    assert passes.redeem(in_time) is not None
    token = late.new_token()
    clock.now_s += LINK_S + 0.1
    assert late.redeem(token) is None


def test_a_new_link_ends_the_one_before() -> None:
    passes = Passes()
    first, second = passes.new_token(), passes.new_token()
    assert passes.redeem(first) is None
    assert passes.redeem(second) is not None


def test_a_cookie_opens_its_own_room_only() -> None:
    passes = Passes()
    one, other = came_in(passes), came_in(passes)
    assert passes.opens(one.room, one.secret)
    assert passes.opens(other.room, other.secret), "sessions go on beside each other"
    assert not passes.opens(one.room, other.secret)
    assert not passes.opens(one.room, "")
    assert not passes.opens("nowhere", one.secret)
    assert not Passes().opens(one.room, one.secret), "they end with `tasktui web`"
    assert len({one.room, one.secret, other.room, other.secret}) == 4
