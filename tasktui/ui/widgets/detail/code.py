"""Code in colours: lines of clean text as pieces in the roles of the stylesheet."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from pygments.lexer import Lexer  # type: ignore[import-untyped]  # it has no types

    from tasktui.ui.widgets.detail.line import Span

LIMIT: Final = 8_192
"""Characters that are coloured; what is longer is in one colour, for it may be made to be slow."""
LINE_LIMIT: Final = 400
"""The same for one line of it."""
_LANGUAGES: Final = frozenset(
    {
        "bash", "c", "c++", "console", "cpp", "css", "dockerfile", "go", "html", "ini", "java", "javascript",
        "js", "json", "jsx", "kotlin", "lua", "make", "makefile", "php", "py", "python", "rb", "rs", "ruby",
        "rust", "sh", "shell", "sql", "swift", "toml", "ts", "tsx", "typescript", "xml", "yaml", "yml", "zsh",
    }
)  # fmt: skip
"""What is coloured when a fence names it; other lexers are not let near text from outside."""
_ENDINGS: Final = {
    ".bash": "bash", ".c": "c", ".cc": "cpp", ".cfg": "ini", ".cpp": "cpp", ".css": "css", ".go": "go",
    ".h": "c", ".hpp": "cpp", ".htm": "html", ".html": "html", ".ini": "ini", ".java": "java",
    ".js": "javascript", ".json": "json", ".jsx": "jsx", ".kt": "kotlin", ".lua": "lua", ".mjs": "javascript",
    ".php": "php", ".py": "python", ".pyi": "python", ".rb": "ruby", ".rs": "rust", ".sh": "bash",
    ".sql": "sql", ".svg": "xml", ".swift": "swift", ".toml": "toml", ".ts": "typescript", ".tsx": "tsx",
    ".xml": "xml", ".yaml": "yaml", ".yml": "yaml", ".zsh": "zsh",
}  # fmt: skip
_NAMES: Final = {"dockerfile": "dockerfile", "containerfile": "dockerfile", "makefile": "make"}
_ROLES: Final = (
    ("Token.Keyword", "keyword"),
    ("Token.Name.Tag", "keyword"),
    ("Token.Operator.Word", "keyword"),
    ("Token.Literal.String", "string"),
    ("Token.Literal.Number", "number"),
    ("Token.Comment", "comment"),
)
CODE: Final = "code:"
"""Begins a role that names a language: its text is coloured when it is painted, not before."""
FILL: Final = "|"
"""Between the role of a text and the change that colours its ground: `plain|added`."""


def language_of(path: str) -> str:
    """Return the language of a file by its name; empty where none is known."""
    place = PurePath(path)
    return _ENDINGS.get(place.suffix.lower(), _NAMES.get(place.name.lower(), ""))


def painted(text: str, role: str, *, flat: bool = False) -> Iterator[Span]:
    """Give a text of any role as texts in roles of the stylesheet, each perhaps on the ground of a change.

    Args:
        text: one clean line, or a part of one.
        role: its role: of the stylesheet, or `CODE` and a language; perhaps `FILL` and a change.
        flat: whether there are no grounds: then a change is told by the colour of its text alone.
    """
    name, _, fill = role.partition(FILL)
    if fill and flat:
        yield text, fill
    elif name.startswith(CODE):
        ground = FILL + fill if fill else ""
        yield from ((piece, kind + ground) for piece, kind in _code_line(text, name.removeprefix(CODE)))
    else:
        yield text, role


@lru_cache(maxsize=2048)
def _code_line(text: str, language: str) -> tuple[Span, ...]:
    """Return one line by itself: a string or comment of several lines is not known for one in its midst."""
    pieces = next(code_lines(text, language), [])
    return tuple((piece, "plain" if role == "code" else role) for piece, role in pieces if piece)


def code_lines(text: str, language: str) -> Iterator[list[Span]]:
    """Give the lines of clean code, each as texts in roles that together are the line."""
    lexer = _lexer(language)
    lines = text.split("\n")
    if lexer is None or len(text) > LIMIT or max(map(len, lines)) > LINE_LIMIT:
        yield from ([(line, "code")] for line in lines)
        return
    row: list[Span] = []
    for kind, piece in lexer.get_tokens(text):
        role = _role(str(kind))
        first, *rest = piece.split("\n")
        row.append((first, role))
        for part in rest:
            yield row
            row = [(part, role)]
    if any(piece for piece, _ in row):
        yield row


def _lexer(language: str) -> Lexer | None:
    name = language.strip().split(" ")[0].lower()
    return _lexer_of(name) if name in _LANGUAGES else None


@cache
def _lexer_of(name: str) -> Lexer:
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]  # it has no types

    return cast("Lexer", get_lexer_by_name(name, **_AS_IT_IS))


_AS_IT_IS: Final[dict[str, Any]] = {"stripnl": False, "stripall": False, "ensurenl": True, "tabsize": 0}


@cache
def _role(kind: str) -> str:
    return next((role for prefix, role in _ROLES if kind.startswith(prefix)), "code")
