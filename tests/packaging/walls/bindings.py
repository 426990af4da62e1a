"""What a module binds: names, annotations, imports and returned expressions, read from its syntax tree."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from enum import IntEnum
from typing import TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class Level(IntEnum):
    """How far a text may go."""

    OUTSIDE = 0
    """Nobody cleaned it."""
    PLAIN = 1
    """Clean, but markup in it would be obeyed: only for places that parse none."""
    READY = 2
    """Ours, or `Content`: for any widget."""


_DRAWN = {"Content", "Text", "Strip", "Segment", "Option"}
_NUMBERS = {"int", "float", "bool"}
_AROUND = {
    "None",
    "tuple",
    "list",
    "set",
    "Iterable",
    "Iterator",
    "Sequence",
    "reactive",
    "var",
    "ClassVar",
    "Final",
}


def annotation_level(annotation: ast.expr) -> Level:
    """READY for numbers, literals, things drawn by `ui/text.py` and collections of them."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return annotation_level(ast.parse(annotation.value, mode="eval").body)
    if isinstance(annotation, ast.Subscript) and tail(annotation.value) == "Literal":
        return Level.READY
    inside = {tail(node) for node in ast.walk(annotation) if isinstance(node, ast.Name | ast.Attribute)}
    known = _DRAWN | _NUMBERS
    return Level.READY if inside & known and inside <= known | _AROUND else Level.OUTSIDE


def tail(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def returned(function: Function) -> Iterator[ast.expr]:
    """What a function itself returns, not the functions inside it."""
    for node in _own_nodes(function, deep=False):
        if isinstance(node, ast.Return) and node.value is not None:
            yield node.value


def bindings(node: ast.AST, *, deep: bool = True) -> dict[str, list[tuple[ast.expr, bool]]]:
    """Each name with what is bound to it: expressions, and annotations (marked True)."""
    bound: dict[str, list[tuple[ast.expr, bool]]] = defaultdict(list)
    for child in _own_nodes(node, deep=deep):
        for target, value, noted in _binds(child):
            for name in ast.walk(target):
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                    bound[name.id].append((value, noted))
        if isinstance(child, ast.arg):
            bound[child.arg].append((child.annotation or ast.Name("object"), True))
    return dict(bound)


def imports(module: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0], alias.name


def _own_nodes(node: ast.AST, *, deep: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not deep and isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        yield child
        yield from _own_nodes(child, deep=deep)


def _binds(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr, bool]]:
    if isinstance(node, ast.Assign):
        yield from ((target, node.value, False) for target in node.targets)
    elif isinstance(node, ast.AnnAssign):
        ready = annotation_level(node.annotation) is Level.READY
        yield (
            (node.target, node.annotation, True)
            if ready or not node.value
            else (node.target, node.value, False)
        )
    elif isinstance(node, ast.AugAssign | ast.NamedExpr):
        yield node.target, node.value, False
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        yield node.target, node.iter, False
    elif isinstance(node, ast.withitem) and node.optional_vars:
        yield node.optional_vars, node.context_expr, False
