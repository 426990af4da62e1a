"""The walls around names and text, on small samples; what they forbid is spelled in pieces."""

from __future__ import annotations

import pytest

from tests.packaging.walls import words

NOQA = "# no" + "qa"
IGNORE = "# type" + ": ignore"


@pytest.mark.parametrize("path", ["tasktui/ui/app.py", "Makefile", ".ci/run", "tests/unit/test_clean.py"])
def test_a_file_in_its_place_passes(path: str) -> None:
    assert list(words.misplaced(path)) == []


@pytest.mark.parametrize(
    "path",
    ["uv.lock", "scripts/x.sh", "tasktui/utils.py", "tasktui/common/a.py", "tasktui/ui/list_helpers.py"],
)
def test_a_file_without_a_place_or_a_name_is_found(path: str) -> None:
    assert len(list(words.misplaced(path))) == 1


@pytest.mark.parametrize(
    "comment",
    [
        f"{NOQA}: S603  the argv is ours",
        f"{NOQA}: BLE001, S110 - the boundary of an executor",
        f"{IGNORE}[arg-type]  # the stub is wrong",
        f"{IGNORE}[misc]  {NOQA}: N802  named by the protocol",
        "# noqaesque text is none",
    ],
)
def test_a_silencer_with_code_and_reason_passes(comment: str) -> None:
    assert list(words.silenced("a.py", f"x = 1  {comment}\n")) == []


@pytest.mark.parametrize(
    "comment",
    [NOQA, f"{NOQA}: S603", f"{NOQA}: S603 why", IGNORE, f"{IGNORE}[misc]", f"{IGNORE}  # the stub is wrong"],
)
def test_a_silencer_without_code_or_reason_is_found(comment: str) -> None:
    assert [finding.line for finding in words.silenced("a.py", f"\nx = 1  {comment}\n")] == [2]


def test_a_silencer_inside_a_string_is_text() -> None:
    assert list(words.silenced("a.py", f'x = "{NOQA}"\n')) == []


@pytest.mark.parametrize(
    "line",
    [
        "see /" + "work/main/x",
        'cwd = "/' + 'root"',
        "pip install --index" + "-url https://x",
        "https://pypi" + ".org/simple/x",
        "http://mirror.example:8080/root/pypi/" + "simple/",
        "https://user" + ":secret@example.org",
    ],
)
def test_what_belongs_to_one_machine_is_found(line: str) -> None:
    assert [finding.line for finding in words.private("a.md", f"fine\n{line}\n")] == [2]


@pytest.mark.parametrize(
    "line", ["/tmp/x", "~/work/x", "docs/root/x", "/working", "https://example.org/simplest", "$HOME/work/x"]
)
def test_what_belongs_to_nobody_passes(line: str) -> None:
    assert list(words.private("a.md", line)) == []


def test_a_document_that_is_not_there_is_found() -> None:
    text = "see README.md\nand PLAN" + ".md, not notes.md\n"
    assert [finding.line for finding in words.dangling("a.py", text, {"README.md"})] == [2]


def test_what_is_left_for_later_is_found() -> None:
    assert (
        len(list(words.unfinished("a.py", "x = 1  # TO" + "DO later\nraise NotImplemented" + "Error\n"))) == 2
    )


@pytest.mark.parametrize("colour", ["#ff8800", "#FF8800AA", "on #1a2", "bold #0c0c"])
def test_a_colour_in_python_is_found(colour: str) -> None:
    assert len(list(words.python_colours("a.py", f'x = "{colour}"\n'))) == 1


@pytest.mark.parametrize("text", ["#add", "#feed", "#detail", "#a1-row", "PR #12", "issue #7 fixed"])
def test_a_selector_or_a_number_in_python_passes(text: str) -> None:
    assert list(words.python_colours("a.py", f'x = "{text}"\n')) == []


@pytest.mark.parametrize(
    "rule", ["color: #fff;", "a { background: #112233 }", "$x: #abc;", "color: rgb(1, 2, 3);"]
)
def test_a_colour_in_a_style_sheet_is_found(rule: str) -> None:
    assert [finding.line for finding in words.style_colours("a.tcss", f"\n{rule}\n")] == [2]


@pytest.mark.parametrize(
    "rule",
    ["#add { color: $primary; }", "Row:hover #feed {", "a:focus #bad,", "/* color: #fff; */ a { width: 1; }"],
)
def test_selectors_and_theme_variables_pass(rule: str) -> None:
    assert list(words.style_colours("a.tcss", rule)) == []
