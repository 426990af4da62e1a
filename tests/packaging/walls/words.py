"""Walls around names and text: reasons for what is silenced, no paths of one machine, colours in themes."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Collection, Iterator
from pathlib import PurePosixPath

from tests.packaging.walls.finding import Finding

TOP_LEVEL = {
    *("pyproject.toml", "tasktui", "styles", "tests", "snapshots", "README.md"),
    *("Makefile", "CHANGELOG.md", "CONTRIBUTING.md", "docs", "bench", ".ci", "constraints.txt", "LICENSE"),
    *(".gitignore", ".gitattributes"),
}
REASON_WORDS = 2

_EMPTY_NAME = re.compile(r"(^|_)(utils?|helpers?|commons?|misc)(_|$)")
_SILENCER = re.compile(r"#\s*(noqa|type:\s*ignore)\b", re.IGNORECASE)
_WITH_CODE = re.compile(r"#\s*(?:noqa:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*|type:\s*ignore\[[\w, -]+\])")
_PRIVATE = (
    (re.compile(r"(?<![\w.~$}*-])/(?:work|root)(?=/|$|[\s'\"`])"), "a path of one machine"),
    (
        re.compile(r"(?:--(?:extra-)?index-url|pypi\.org/simple|files\.pythonhosted\.org|--find-links)[ =/]"),
        "a package index",
    ),
    (re.compile(r"https?://[^\s/'\"]+(?::\d+)?/(?:[\w./-]+/)?simple\b"), "a package index"),
    (re.compile(r"https?://[^\s/@'\"]+:[^\s/@'\"]+@"), "an address with a password"),
)
_NOT_OURS = re.compile(r"^tests/data/|/package-lock\.json$")
"""Texts of others, which name their own documents."""
_DOCUMENT = re.compile(r"\b[A-Z][A-Z_]+\.md\b")
_UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|NotImplementedError)\b")
_PYTHON_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|(?=[a-fA-F]*\d)[0-9a-fA-F]{3,4})(?![\w-])")
_STYLE_COLOUR = re.compile(r":[^;{}]*(?:#[0-9a-fA-F]{3,8}\b[^{},]*(?:;|\}|$)|\b(?:rgb|hsl)a?\()")


def misplaced(path: str) -> Iterator[Finding]:
    """Files that the top level has no room for, and names that say nothing."""
    parts = PurePosixPath(path)
    if parts.parts[0] not in TOP_LEVEL:
        yield Finding(path, 1, f"{parts.parts[0]} has no place at the top level")
    for part in parts.parts:
        if _EMPTY_NAME.search(part.partition(".")[0].lower()):
            yield Finding(path, 1, f"the name {part} says nothing: name it after what it knows")


def silenced(path: str, source: str) -> Iterator[Finding]:
    """Comments that silence ruff or mypy without a code and a reason."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT or not _SILENCER.match(token.string):
            continue
        rest = _WITH_CODE.sub("", token.string)
        if _SILENCER.search(rest):
            yield Finding(path, token.start[0], "name the code that is silenced")
        elif len(re.findall(r"[^\W\d_]{2,}", rest)) < REASON_WORDS:
            yield Finding(path, token.start[0], "say on this line why it is silenced")


def private(path: str, text: str) -> Iterator[Finding]:
    """Paths of one machine, addresses of package indexes, passwords in addresses."""
    for number, line in enumerate(text.splitlines(), 1):
        found = (what for pattern, what in _PRIVATE if pattern.search(line))
        if what := next(found, None):
            yield Finding(path, number, f"{what} has no place in the project")


def dangling(path: str, text: str, names: Collection[str]) -> Iterator[Finding]:
    """Documents that the text points at and the project doesn't hold.

    Args:
        path: Where the text stands.
        text: What is searched.
        names: The file names, without folders, that the project holds.
    """
    if _NOT_OURS.search(path):
        return
    for number, line in enumerate(text.splitlines(), 1):
        for document in _DOCUMENT.findall(line):
            if document not in names:
                yield Finding(path, number, f"{document} is not part of the project")


def unfinished(path: str, source: str) -> Iterator[Finding]:
    """Notes and errors that stand where code should."""
    for number, line in enumerate(source.splitlines(), 1):
        if found := _UNFINISHED.search(line):
            yield Finding(path, number, f"{found[0]}: finish it or leave it out")


def python_colours(path: str, source: str) -> Iterator[Finding]:
    """Colours written into Python strings."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and _PYTHON_COLOUR.search(node.value)
        ):
            yield Finding(path, node.lineno, "a colour in Python: looks live in styles/, in theme variables")


def style_colours(path: str, source: str) -> Iterator[Finding]:
    """Colours in a style sheet that are no theme variables."""
    bare = re.sub(r"/\*.*?\*/", lambda note: "\n" * note[0].count("\n"), source, flags=re.DOTALL)
    for number, line in enumerate(bare.splitlines(), 1):
        if _STYLE_COLOUR.search(line):
            yield Finding(path, number, "a colour by number: use a theme variable")
