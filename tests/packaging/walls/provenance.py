"""Where a text comes from: is an expression ours, cleaned, or could it be a bare string from outside?

No type checker is at hand here, so the answer is a careful guess: constants are ours, what `ui/text.py`
returns is clean, and a name is as good as everything that is ever bound to it. mypy guards the other half:
what is annotated as `Content` is `Content`, and making `Content` out of a bare string is a finding by itself.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.packaging.walls.bindings import (
    Function,
    Level,
    annotation_level,
    bindings,
    imports,
    returned,
    tail,
)

MAKER = "tasktui/ui/text.py"
MAKER_MODULE = "tasktui.ui.text"


_COLLECTIONS = {"dict", "set", "Counter", "defaultdict", "OrderedDict", "MutableMapping", "range", "zip"}
_VALUES = {"tuple", "list", "str", "int", "float", "bool"}
"""What has no `update` at all."""
_COUNTING = {"len", "int", "float", "round", "sum"}
_PASSING = {"str", "tuple", "list", "sorted", "reversed", "zip", "enumerate", "max", "min"}
_COMBINING = {"join", "format", "append", "append_text", "replace"}
_SHAPING = {
    *(
        "upper",
        "lower",
        "capitalize",
        "strip",
        "rstrip",
        "lstrip",
        "ljust",
        "rjust",
        "center",
        "copy",
        "values",
    ),
    *("items", "truncate", "pad", "pad_left", "pad_right", "stylize", "rstrip_end", "split", "splitlines"),
}
_NUMBER_FORMAT = re.compile(r"^[^{}]*[bcdeEfFgGnxX%,_]$|^[<>^+ ]?0?\d*[,_]\d*$")


@dataclass(slots=True)
class Names:
    """What the walked modules say about names: annotations, returned and bound expressions."""

    annotated: dict[str, list[ast.expr]] = field(default_factory=lambda: defaultdict(list))
    functions: dict[str, list[Function]] = field(default_factory=lambda: defaultdict(list))
    makers: dict[str, Level] = field(default_factory=dict)
    held: dict[str, list[ast.expr]] = field(default_factory=lambda: defaultdict(list))
    """What is bound to attributes."""
    plain: set[str] = field(default_factory=set)
    """Classes of ours that stand on no other, and so are no widgets."""

    @classmethod
    def of(cls, trees: Mapping[str, ast.Module]) -> Names:
        """Collect the names of every module; functions of the maker are trusted for what they return."""
        names = cls()
        for path, tree in trees.items():
            for node in ast.walk(tree):
                names._take(node, trusted=path == MAKER)
        return names

    def _take(self, node: ast.AST, *, trusted: bool) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if trusted:
                drawn = node.returns is not None and annotation_level(node.returns) is Level.READY
                self.makers[node.name] = Level.READY if drawn else Level.PLAIN
            else:
                self.functions[node.name].append(node)
        elif isinstance(node, ast.ClassDef) and not node.bases:
            self.plain.add(node.name)
        elif isinstance(node, ast.AnnAssign):
            self.annotated[tail(node.target)].append(node.annotation)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute):
                    self.held[target.attr].append(node.value)


class Scope:
    """The names that one function, and the module around it, bind."""

    def __init__(self, names: Names, module: ast.Module, function: Function | None = None) -> None:
        self._names = names
        self._module = module
        self._bound = bindings(function) if function else {}
        self._global = bindings(module, deep=False)
        self._imported = dict(imports(module))
        self._open: set[str] = set()

    def level(self, node: ast.expr) -> Level:
        """How far the text of this expression may go."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        found: Level = method(node) if method else Level.OUTSIDE
        return found

    def merges(self, node: ast.expr) -> bool:
        """Whether this name is known to hold no widget: a dict, a set, a plain object of ours."""
        name = tail(node)
        if isinstance(node, ast.Name) and name in self._bound:
            known = [value for value, _ in self._bound[name]]
        else:
            known = [*self._names.annotated.get(name, ()), *self._names.held.get(name, ())]
        harmless = self._names.plain | _VALUES
        return bool(known) and all(is_collection(value) or _made_by(value) in harmless for value in known)

    def _least(self, nodes: Iterable[ast.expr | None]) -> Level:
        return min((self.level(node) for node in nodes if node is not None), default=Level.READY)

    def _constant(self, node: ast.Constant) -> Level:
        return Level.READY

    def _joinedstr(self, node: ast.JoinedStr) -> Level:
        return self._least(node.values)

    def _formattedvalue(self, node: ast.FormattedValue) -> Level:
        spec = ast.unparse(node.format_spec)[2:-1] if node.format_spec else ""
        return Level.READY if spec and _NUMBER_FORMAT.match(spec) else self.level(node.value)

    def _ifexp(self, node: ast.IfExp) -> Level:
        return self._least((node.body, node.orelse))

    def _boolop(self, node: ast.BoolOp) -> Level:
        return self._least(node.values)

    def _binop(self, node: ast.BinOp) -> Level:
        texts = [side for side in (node.left, node.right) if not _is_number(side)]
        literal = any(isinstance(side, ast.Constant) for side in texts)
        return Level.READY if isinstance(node.op, ast.Mult) and literal else self._least(texts)

    def _tuple(self, node: ast.Tuple | ast.List | ast.Set) -> Level:
        return self._least(node.elts)

    _list = _set = _tuple

    def _dict(self, node: ast.Dict) -> Level:
        return self._least((*node.keys, *node.values))

    def _generatorexp(self, node: ast.GeneratorExp | ast.ListComp | ast.SetComp) -> Level:
        return self.level(node.elt)

    _listcomp = _setcomp = _generatorexp

    def _starred(self, node: ast.Starred | ast.Await | ast.NamedExpr | ast.Subscript) -> Level:
        return self.level(node.value)

    _await = _namedexpr = _subscript = _starred

    def _attribute(self, node: ast.Attribute) -> Level:
        if node.attr.isupper():
            return Level.READY
        return _annotations(self._names.annotated.get(node.attr, ()))

    def _name(self, node: ast.Name) -> Level:
        name = node.id
        if name in self._open:
            return Level.READY
        self._open.add(name)
        try:
            for bound in (self._bound, self._global):
                if name in bound:
                    return min(annotation_level(of) if noted else self.level(of) for of, noted in bound[name])
        finally:
            self._open.discard(name)
        return (
            Level.READY
            if name.isupper() and self._imported.get(name, "").startswith("tasktui.ui")
            else Level.OUTSIDE
        )

    def _call(self, node: ast.Call) -> Level:
        name = tail(node.func)
        if made := self._maker(node.func):
            return self._names.makers.get(made, Level.OUTSIDE)
        if is_content(node.func):
            return Level.READY if self._given(node) >= needed_by_content(node.func) else Level.OUTSIDE
        if name in self._names.functions:
            return self._returned(name)
        if isinstance(node.func, ast.Name) and name in _COUNTING:
            return Level.READY
        return self._worked(node, name)

    def _worked(self, node: ast.Call, name: str) -> Level:
        """What becomes of a text that passes through a method, or a builtin that keeps it."""
        if isinstance(node.func, ast.Attribute) and name in _COMBINING:
            return min(self.level(node.func.value), self._given(node))
        if isinstance(node.func, ast.Attribute) and name in _SHAPING:
            return self.level(node.func.value)
        return self._given(node) if name in _PASSING else Level.OUTSIDE

    def _given(self, node: ast.Call) -> Level:
        return self._least((*node.args, *(word.value for word in node.keywords if word.arg != "style")))

    def _maker(self, func: ast.expr) -> str | None:
        """The function of `ui/text.py` that is called here, whatever it is named in this module."""
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
            return func.attr if self._imported.get(func.value.id) == MAKER_MODULE else None
        module, _, name = self._imported.get(tail(func), "").rpartition(".")
        return name if isinstance(func, ast.Name) and module == MAKER_MODULE else None

    def _returned(self, name: str) -> Level:
        """The least of what the functions of this name promise by annotation, or return."""
        if f"{name}()" in self._open:
            return Level.READY
        self._open.add(f"{name}()")
        try:
            return min(self._promised(function) for function in self._names.functions[name])
        finally:
            self._open.discard(f"{name}()")

    def _promised(self, function: Function) -> Level:
        if function.returns is not None and annotation_level(function.returns) is Level.READY:
            return Level.READY
        if function not in ast.walk(self._module):
            return Level.OUTSIDE
        inner = Scope(self._names, self._module, function)
        inner._open = {name for name in self._open if name.endswith("()")}
        return inner._least(returned(function))


def is_collection(node: ast.expr) -> bool:
    """Whether an annotation or an expression is evidently a dict, a set or a row of values, and no text."""
    if isinstance(node, ast.Dict | ast.DictComp | ast.Set | ast.SetComp | ast.ListComp | ast.GeneratorExp):
        return True
    return _made_by(node) in _COLLECTIONS


def _made_by(node: ast.expr) -> str:
    """The class that an annotation names or a call makes."""
    inner = (
        node.func if isinstance(node, ast.Call) else node.value if isinstance(node, ast.Subscript) else node
    )
    return tail(inner)


def is_content(func: ast.expr) -> bool:
    """Whether this calls `Content`, `Text` or one of their class methods."""
    owner = func.value if isinstance(func, ast.Attribute) else func
    return isinstance(owner, ast.Name) and owner.id in {"Content", "Text"}


def needed_by_content(func: ast.expr) -> Level:
    """What a constructor of `Content` asks of its text."""
    return Level.READY if tail(func) in {"from_markup", "from_rich_text", "render"} else Level.PLAIN


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def _annotations(found: Iterable[ast.expr]) -> Level:
    return min(map(annotation_level, found), default=Level.OUTSIDE)
