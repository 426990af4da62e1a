"""What a person typed to tasks: nothing of it is lost, nothing goes twice."""

from __future__ import annotations

from tasktui.ui.widgets.typed import Typed


def said(*texts: str) -> Typed:
    """A person who has sent these, the last of them last."""
    typed = Typed()
    for text in texts:
        typed.send("other", text)
        typed.answered("other", text, taken=True)
    return typed


def walked(typed: Typed, *steps: int) -> str:
    for step in steps:
        typed.walk(step)
    return typed.line("one")


def test_each_task_has_its_own_half() -> None:
    typed = Typed()
    typed.keep("one", "stop")
    typed.keep("two", "go")
    assert (typed.line("one"), typed.line("two"), typed.line("three")) == ("stop", "go", "")
    typed.keep("one", "")
    assert typed.line("one") == ""


def test_the_same_message_is_on_its_way_once() -> None:
    typed = Typed()
    assert [typed.send("one", "stop"), typed.send("one", "stop"), typed.send("two", "stop")] == [
        True, False, True,
    ]  # fmt: skip
    typed.answered("one", "stop", taken=True)
    assert typed.send("one", "stop"), "said again, it is another message"


def test_an_answer_finds_its_message_among_several() -> None:
    """As over a slow link: the next task is written to before the first has answered."""
    typed = Typed()
    for task_id in ("one", "two"):
        typed.keep(task_id, "stop")
        typed.send(task_id, "stop")
    typed.answered("one", "stop", taken=True)
    typed.answered("two", "stop", taken=False)
    assert (typed.line("one"), typed.line("two")) == ("", "stop"), "what was refused is a draft still"


def test_what_was_typed_since_it_was_sent_stays() -> None:
    typed = Typed()
    typed.keep("one", "stop")
    typed.send("one", "stop")
    typed.keep("one", "stop it")
    typed.answered("one", "stop", taken=True)
    assert typed.line("one") == "stop it"


def test_a_walk_ends_at_the_draft() -> None:
    typed = said("first", "second")
    typed.keep("one", "half")
    assert walked(typed, 1) == "second"
    assert walked(typed, 1) == "first"
    assert not typed.walk(1), "there is no older one"
    assert walked(typed, -1, -1) == "half"
    assert not typed.walk(-1)


def test_a_message_found_and_changed_is_the_draft() -> None:
    typed = said("first", "second")
    walked(typed, 1)
    typed.keep("one", "second, too")
    assert walked(typed, 1) == "second"
    assert walked(typed, -1) == "second, too"


def test_who_leaves_in_the_middle_of_a_walk_finds_the_draft() -> None:
    typed = said("first")
    typed.keep("one", "half")
    typed.keep("one", walked(typed, 1))
    typed.arrive()
    assert typed.line("one") == "half"


def test_an_answer_in_the_middle_of_a_walk_moves_nobody() -> None:
    typed = said("first", "second")
    typed.send("one", "third")
    assert walked(typed, 1, 1) == "first"
    typed.answered("one", "third", taken=True)
    assert typed.line("one") == "first"
    typed.send("one", "first")
    typed.answered("one", "first", taken=True)
    assert typed.line("one") == "", "what was found and sent is out of the line"


def test_both_are_bounded() -> None:
    typed = said(*(f"message {number}" for number in range(60)))
    for number in range(60):
        typed.keep(f"task {number}", "half")
    assert [typed.line("task 9"), typed.line("task 10")] == ["", "half"]
    assert walked(typed, *([1] * 60)) == "message 10"
    typed.send("one", "more")
    typed.answered("one", "more", taken=True)
    assert typed.line("one") == "message 11", "the oldest was forgotten under the walk"
