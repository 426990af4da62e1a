"""No bare string from outside reaches a widget: only constants and what `tasktui/ui/text.py` made."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from tests.packaging.walls.bindings import Function, Level, annotation_level, returned
from tests.packaging.walls.finding import Finding
from tests.packaging.walls.provenance import MAKER, Names, Scope, is_collection, is_content, needed_by_content

DOORS = {MAKER, "tasktui/ui/linefilter.py"}
"""Modules that clean, and so handle what nobody cleaned yet."""

_WIDGETS = {
    **dict.fromkeys(
        ("Static", "Label", "Button", "Tab", "TabPane", "Option", "Selection", "Link"), Level.READY
    ),
    **dict.fromkeys(
        ("Checkbox", "RadioButton", "ToggleButton", "Digits", "Collapsible", "ListItem"), Level.READY
    ),
    **dict.fromkeys(("Input", "TextArea", "MaskedInput", "Markdown", "Segment"), Level.PLAIN),
}
_NO_TEXT_FIRST = {"Collapsible", "ListItem"}
_METHODS = {
    **dict.fromkeys(("update", "notify", "add_option", "add_options", "set_options"), Level.READY),
    **dict.fromkeys(
        ("add_row", "add_rows", "add_column", "add_columns", "update_cell", "add_leaf"), Level.READY
    ),
}
_ATTRIBUTES = {
    **dict.fromkeys(("border_title", "border_subtitle", "tooltip", "placeholder"), Level.READY),
    **dict.fromkeys(("title", "sub_title"), Level.PLAIN),
}
_TEXTS = {"content", "label", "title", "prompt", "message", "tooltip", "placeholder"}
_VALUES = {"value", "text", "markdown"}
"""Texts in which no widget looks for markup."""


def unsafe(sources: Mapping[str, str]) -> Iterator[Finding]:
    """The places in these modules of the screen where a text reaches a widget that nobody cleaned.

    Args:
        sources: Text of each module by its path, `ui/text.py` among them.
    """
    trees = {path: ast.parse(source) for path, source in sources.items()}
    names = Names.of(trees)
    widgets = _WIDGETS | _subclasses(trees.values())
    for path, tree in trees.items():
        if path not in DOORS:
            yield from _Walk(path, tree, names, widgets).findings()


class _Walk:
    """One module, function by function."""

    def __init__(self, path: str, tree: ast.Module, names: Names, widgets: Mapping[str, Level]) -> None:
        self._path = path
        self._tree = tree
        self._names = names
        self._widgets = widgets

    def findings(self) -> Iterator[Finding]:
        yield from self._inside(self._tree, Scope(self._names, self._tree))

    def _inside(self, node: ast.AST, scope: Scope) -> Iterator[Finding]:
        for child in ast.iter_child_nodes(node):
            inner = scope
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                inner = Scope(self._names, self._tree, child)
                yield from self._drawn(child, inner)
            elif isinstance(child, ast.Call):
                yield from self._call(child, scope)
            elif isinstance(child, ast.Assign | ast.AnnAssign | ast.AugAssign):
                yield from self._assigned(child, scope)
            elif isinstance(child, ast.ClassDef):
                yield from self._initialised(child)
            yield from self._inside(child, inner)

    def _call(self, node: ast.Call, scope: Scope) -> Iterator[Finding]:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if is_content(node.func):
            yield from self._texts(node, needed_by_content(node.func), scope, f"{ast.unparse(node.func)}()")
        elif name in self._widgets:
            first = 0 if name in _NO_TEXT_FIRST else 1
            yield from self._texts(node, _asked(node, self._widgets[name]), scope, f"{name}()", first=first)
        elif method in _METHODS and not _merges(node, method, scope):
            first = 1 if method in {"update", "notify", "add_option", "add_leaf"} else len(node.args)
            yield from self._texts(node, _asked(node, _METHODS[method]), scope, f".{method}()", first=first)

    def _texts(
        self, node: ast.Call, asked: Level, scope: Scope, sink: str, first: int | None = None
    ) -> Iterator[Finding]:
        for value in node.args if first is None else node.args[:first]:
            yield from self._judged(value, asked, scope, sink)
        for word in node.keywords:
            if word.arg in _VALUES and asked is Level.PLAIN:
                yield from self._judged(word.value, Level.PLAIN, scope, f"{sink} {word.arg}=")
            elif word.arg in _TEXTS:
                needed = asked if _is_literal(node) else Level.READY
                yield from self._judged(word.value, needed, scope, f"{sink} {word.arg}=")

    def _judged(self, value: ast.expr, asked: Level, scope: Scope, sink: str) -> Iterator[Finding]:
        if self._builds_widget(value) or scope.level(value) >= asked:
            return
        yield Finding(
            self._path,
            value.lineno,
            f"a bare string may reach {sink}: {ast.unparse(value)[:60]}; pass it through ui/text.py",
        )

    def _builds_widget(self, value: ast.expr) -> bool:
        """A widget inside another is judged by itself."""
        return (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Name)
            and value.func.id in self._widgets
        )

    def _assigned(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign, scope: Scope) -> Iterator[Finding]:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Attribute) and target.attr in _ATTRIBUTES and node.value is not None:
                yield from self._judged(node.value, _ATTRIBUTES[target.attr], scope, f".{target.attr}")

    def _drawn(self, function: Function, scope: Scope) -> Iterator[Finding]:
        """What a widget's `render` returns is drawn with its markup obeyed."""
        if function.name != "render" or not function.args.args or function.args.args[0].arg != "self":
            return
        if function.returns is not None and annotation_level(function.returns) is Level.READY:
            return
        for value in returned(function):
            yield from self._judged(value, Level.READY, scope, "render()")

    def _initialised(self, node: ast.ClassDef) -> Iterator[Finding]:
        """What a subclass of a widget hands to the widget's own `__init__`."""
        level = max(
            (self._widgets.get(_name(base), Level.OUTSIDE) for base in node.bases), default=Level.OUTSIDE
        )
        if level is Level.OUTSIDE or any(_name(base) in _NO_TEXT_FIRST for base in node.bases):
            return
        for function in node.body:
            if isinstance(function, ast.FunctionDef) and function.name == "__init__":
                scope = Scope(self._names, self._tree, function)
                for call in ast.walk(function):
                    if isinstance(call, ast.Call) and ast.unparse(call.func) == "super().__init__":
                        yield from self._texts(call, _asked(call, level), scope, f"{node.name}()", first=1)


def _asked(node: ast.Call, level: Level) -> Level:
    return min(level, Level.PLAIN) if _is_literal(node) else level


def _is_literal(node: ast.Call) -> bool:
    """Whether the call turns markup off."""
    return any(word.arg == "markup" and getattr(word.value, "value", None) is False for word in node.keywords)


def _merges(node: ast.Call, method: str, scope: Scope) -> bool:
    """`update` of a dict, a set or a plain object, which draws nothing."""
    if method != "update" or not isinstance(node.func, ast.Attribute):
        return False
    return len(node.args) != 1 or is_collection(node.args[0]) or scope.merges(node.func.value)


def _subclasses(trees: Iterable[ast.Module]) -> dict[str, Level]:
    """Our own widgets that take their text as the widget above them does."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found: dict[str, Level] = {}
    for _ in classes:
        for node in classes:
            own = any(isinstance(item, ast.FunctionDef) and item.name == "__init__" for item in node.body)
            for base in map(_name, node.bases):
                level = _WIDGETS.get(base, found.get(base))
                if level is not None and not own and base not in _NO_TEXT_FIRST:
                    found[node.name] = level
    return found


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""
