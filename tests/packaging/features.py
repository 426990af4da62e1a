"""`python -m tests.packaging.features`: every row of docs/features.toml has a test, and the table says which.

A test names the rows that it shows by `@pytest.mark.feature(12, 13)`. The marks are read from the source:
nothing is imported and nothing runs.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROWS = "docs/features.toml"
TABLE = "docs/features.md"
_HEAD = """# What stands where it is shown
Every behaviour that tasktui took over from the five task managers it replaces, and the tests that show it.
Made from `features.toml` and the marks of the tests by `python -m tests.packaging.features --write`;
`make check` fails where a row has no test.
"""
Function = ast.FunctionDef | ast.AsyncFunctionDef
_COLUMNS = ("| row | behaviour | shown by |", "|---|---|---|")


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one subject, by their numbers."""

    letter: str
    title: str
    rows: Mapping[int, str]


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A mark as it stands on a function."""

    path: str
    line: int
    function: str
    rows: tuple[int, ...]
    collected: bool
    """Whether pytest runs the function."""


def sections(root: Path) -> list[Section]:
    """The rows, by section."""
    read = tomllib.loads((root / ROWS).read_text())
    return [
        Section(letter, given["title"], {int(n): words for n, words in given.items() if n != "title"})
        for letter, given in read.items()
    ]


def marks(root: Path) -> list[Mark]:
    """Every mark on a function under tests/."""
    found: list[Mark] = []
    for path in sorted((root / "tests").rglob("*.py")):
        source = path.read_text()
        if "mark.feature(" in source:
            found += _marks_of(path.relative_to(root).as_posix(), source)
    return sorted(found)


def _marks_of(path: str, source: str) -> Iterator[Mark]:
    tree = ast.parse(source)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name.startswith("Test")]
    places = {id(node) for body in (tree.body, *(one.body for one in classes)) for node in body}
    in_tests = path.rsplit("/", 1)[-1].startswith("test_")
    for node in ast.walk(tree):
        if isinstance(node, Function) and (rows := _rows(node)):
            collected = in_tests and id(node) in places and node.name.startswith("test_")
            yield Mark(path, node.lineno, node.name, rows, collected)


def _rows(function: Function) -> tuple[int, ...]:
    calls = [call for call in function.decorator_list if isinstance(call, ast.Call)]
    marked = [call.args for call in calls if ast.unparse(call.func) == "pytest.mark.feature"]
    return tuple(ast.literal_eval(number) for numbers in marked for number in numbers)


def problems(root: Path) -> list[str]:
    """What is wrong with the rows, the marks or the table."""
    known = {number for section in sections(root) for number in section.rows}
    found = marks(root)
    shown = {number for mark in found for number in mark.rows}
    wrong = [f"{mark.path}:{mark.line}: {mark.function} is no test" for mark in found if not mark.collected]
    wrong += [
        f"{mark.path}:{mark.line}: {ROWS} has no row {number}"
        for mark in found
        for number in mark.rows
        if number not in known
    ]
    wrong += [f"{ROWS}: no test is marked with row {number}" for number in sorted(known - shown)]
    written = root / TABLE
    if not written.exists() or written.read_text() != table(root):
        wrong.append(f"{TABLE}: out of date; run python -m tests.packaging.features --write")
    return wrong


def table(root: Path) -> str:
    """The table as it has to stand in docs/."""
    tests: dict[int, list[str]] = defaultdict(list)
    for mark in marks(root):
        for number in mark.rows:
            tests[number].append(f"[{mark.function}](../{mark.path})")
    lines = [_HEAD]
    for section in sections(root):
        lines += [f"## {section.letter}. {section.title}", "", *_COLUMNS]
        lines += [
            f"| {number} | {words} | {'<br>'.join(sorted(set(tests[number])))} |"
            for number, words in section.rows.items()
        ]
        lines.append("")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Write the table, or print what is wrong; 1 when something is."""
    if arguments == ["--write"]:
        (ROOT / TABLE).write_text(table(ROOT))
    wrong = problems(ROOT)
    sys.stderr.writelines(f"{line}\n" for line in wrong)
    sys.stdout.write(f"features: {len(wrong)} finding(s)\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
