"""diff_lines(): numbers, files and sides of a unified diff; of any other text no character is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tasktui.domain.clean import clean
from tasktui.ui.widgets.detail.code import painted
from tasktui.ui.widgets.detail.diff_view import BESIDE, diff_lines

DIFF = """--- a/x.py
+++ b/x.py
@@ -9,3 +9,4 @@ def f():
 same
-old
+new
+more
 end
""".splitlines()


def shown(lines: list[str], width: int = 80) -> list[str]:
    return [line.text.rstrip() for line in diff_lines(lines, "", width)]


def test_lines_have_the_numbers_of_both_files():
    assert shown(DIFF) == [
        "x.py",
        "@@ -9,3 +9,4 @@ def f():",
        "   9    9  same",
        "  10      -old",
        "       10 +new",
        "       11 +more",
        "  11   12  end",
    ]


def test_old_and_new_stand_side_by_side_where_there_is_room():
    head, hunk, *rows = shown(DIFF, BESIDE)
    assert (head, hunk) == ("x.py", "@@ -9,3 +9,4 @@ def f():")
    sides = [[side.strip() for side in row.split("│")] for row in rows]
    assert sides == [
        ["9  same", "9  same"],
        ["10 -old", "10 +new"],
        ["", "11 +more"],
        ["11  end", "12  end"],
    ]
    assert len({row.index("│") for row in rows}) == 1


def test_files_that_come_go_or_move_say_so():
    for before, after, expected in (
        ("/dev/null", "b/x", "x (new)"),
        ("a/x", "/dev/null", "x (deleted)"),
        ("a/x", "b/y", "x → y"),
    ):
        assert shown([f"--- {before}", f"+++ {after}"]) == [expected]


def test_a_removed_line_that_looks_like_a_head_is_one_of_the_hunk():
    assert shown(["@@ -1,1 +1,1 @@", "--- a comment of SQL", "+++ x"])[1:] == [
        "   1      --- a comment of SQL",
        "        1 +++ x",
    ]


@given(st.lists(st.text(max_size=40), max_size=20), st.sampled_from([0, 80, BESIDE]))
def test_any_text_keeps_within_its_room(texts, width):
    given_lines = [clean(text) for text in texts]
    rows = diff_lines(["@@ -1,9 +1,9 @@", *given_lines], "  │ ", width)
    assert not any(char in row.text for row in rows for char in "\x1b\r\n\x00")
    if width == BESIDE:
        assert all(cell_len(row.text) <= BESIDE for row in rows if " │ " in row.text[6:])
    else:
        assert [row.text for row in rows if row.text]


def test_code_is_coloured_when_it_is_painted_by_the_ending_of_its_file():
    (_, _, same, old, *_) = diff_lines(DIFF, "", 40)
    assert same.spans[1:] == ((" ", "plain"), ("same", "code:python"))
    assert [role for _, role in old.spans] == ["muted", "removed|removed", "code:python|removed"]
    assert cell_len(old.text) == 40, "the ground of a change reaches to the end of its line"


def test_a_file_without_a_known_ending_is_told_by_its_caller():
    (_, old) = diff_lines(["@@ -1 +0,0 @@", "-x = 1"], path="conf/a.toml")
    assert old.spans[-1] == ("x = 1", "code:toml|removed")
    (_, plain) = diff_lines(["@@ -1 +0,0 @@", "-x = 1"], path="LICENSE")
    assert plain.spans[-1] == ("x = 1", "removed|removed")


def test_painting_colours_on_the_ground_or_by_the_change_alone():
    on_ground = list(painted("if x: 3", "code:python|added"))
    assert {("if", "keyword|added"), ("3", "number|added"), ("x", "plain|added")} <= set(on_ground)
    assert "".join(text for text, _ in on_ground) == "if x: 3"
    assert list(painted("if x: 3", "code:python|added", flat=True)) == [("if x: 3", "added")]
    assert ("if", "keyword") in list(painted("if x: 3", "code:python"))
    assert list(painted("plain", "plain")) == [("plain", "plain")]
    long = "if " * 400
    assert list(painted(long, "code:python|added")) == [(long, "plain|added")]
