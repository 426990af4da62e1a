"""Size walls: files of at most 300 lines, functions of at most 30 lines of code."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator

from tests.packaging.walls.finding import Finding

FILE_LINES = 300
FUNCTION_LINES = 30
_SILENT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def too_long(path: str, source: str) -> Iterator[Finding]:
    """The file and the functions of `source` that are longer than the walls allow."""
    lines = source.count("\n") + (not source.endswith("\n"))
    if lines > FILE_LINES:
        yield Finding(
            path, 1, f"{lines} lines in the file; {FILE_LINES} is the wall: split it by what it knows"
        )
    code = _code_lines(source)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            count = _length(node, code)
            if count > FUNCTION_LINES:
                yield Finding(
                    path,
                    node.lineno,
                    f"{node.name}() has {count} lines of code; {FUNCTION_LINES} is the wall",
                )


def _code_lines(source: str) -> set[int]:
    """The lines that hold more than white space and a comment."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    held: set[int] = set()
    for token in tokens:
        if token.type not in _SILENT:
            held.update(range(token.start[0], token.end[0] + 1))
    return held


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef, code: set[int]) -> int:
    """Lines of code in the body, the docstring left out; the signature, however wide, counts as one."""
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    if not body:
        return 1
    last = node.end_lineno or node.lineno
    return 1 + sum(line in code for line in range(body[0].lineno, last + 1))
