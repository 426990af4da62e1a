"""ui/keymap.py: one table, no clash, and a person's own keys checked."""

from __future__ import annotations

import pytest
from textual.binding import Binding

from tasktui.domain.errors import ConfigError
from tasktui.ui.keymap import BY_ID, TABLE, bindings, check, chosen, clashes, footer, readable, split

OTHER_KEYS_IN_DISGUISE = {"ctrl+m", "ctrl+i", "ctrl+h", "ctrl+left_square_bracket"}
TAKEN_BY_TERMINALS = {"ctrl+a", "ctrl+b", "ctrl+s"}


def test_ids_are_unique_and_every_action_is_described() -> None:
    assert len(BY_ID) == len(TABLE)
    assert all(key.description and key.group for key in TABLE)


def test_no_key_means_two_things_in_one_place() -> None:
    assert list(clashes({})) == []


def test_no_key_that_terminals_take_or_cannot_send() -> None:
    for key in TABLE:
        first = split(key.keys)[0]
        assert first not in OTHER_KEYS_IN_DISGUISE | TAKEN_BY_TERMINALS, key.id
        assert not first.startswith(("alt+", "f1", "f2", "super+")), key.id


def test_bindings_carry_the_id_and_all_keys() -> None:
    expanded = list(Binding.make_bindings(bindings("everywhere")))
    assert {binding.key for binding in expanded if binding.id == "help"} == {"question_mark", "f1"}
    assert all(binding.description for binding in expanded)


def test_footer_shows_the_most_important_first() -> None:
    shown = footer(["list", "act"])
    assert [key.id for key in shown[:3]] == ["task.new", "task.cancel", "task.open"]


@pytest.mark.parametrize(("key", "shown"), [("escape", "esc"), ("ctrl+p", "^p"), ("?", "?"), ("X", "X")])
def test_keys_are_short_words(key: str, shown: str) -> None:
    assert readable(key) == shown


def test_a_keymap_that_moves_a_key_is_fine() -> None:
    check({"task.cancel": "ctrl+x", "quit": "ctrl+q"})


def test_an_unknown_id_is_an_error_that_names_it() -> None:
    with pytest.raises(ConfigError, match="task\\.cancle"):
        check({"task.cancle": "x"})


@pytest.mark.parametrize(
    ("keymap", "both"),
    [
        ({"task.cancel": "s"}, ("list.sort", "task.cancel")),
        ({"task.hold": "shift+x"}, ("task.kill", "task.hold")),
        ({"follow": "x"}, ("task.cancel", "follow")),
    ],
)
def test_a_clash_is_an_error_that_names_both(keymap: dict[str, str], both: tuple[str, str]) -> None:
    with pytest.raises(ConfigError) as raised:
        check(keymap)
    assert all(name in str(raised.value) for name in both)


def test_the_same_key_in_list_and_detail_is_no_clash() -> None:
    check({"list.status": "f", "follow": "f"})


def test_in_safe_mode_no_lowercase_letter_acts_on_a_task_and_no_key_clashes() -> None:
    safe = chosen({}, safe_mode=True)
    check(safe)
    acting = [key for key in TABLE if key.context in {"act", "answer"} or key.id in {"task.new", "undo"}]
    lowercase = {
        (key.id, one)
        for key in acting
        for one in split(safe.get(key.id, key.keys))
        if len(one) == 1 and one.islower()
    }
    assert lowercase == {("task.yank", "y")}, "copying changes no task"


def test_safe_mode_is_off_by_default_and_own_keys_win() -> None:
    assert chosen({"quit": "Q"}, safe_mode=False) == {"quit": "Q"}
    assert chosen({"task.cancel": "ctrl+g"}, safe_mode=True)["task.cancel"] == "ctrl+g"
    with pytest.raises(ConfigError, match="task\\.retry"):
        check(chosen({"list.sort": "R"}, safe_mode=True))
