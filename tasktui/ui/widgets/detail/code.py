"""Code in colours: lines of clean text as pieces in the roles of the stylesheet."""

from __future__ import annotations

from collections.abc import Iterator
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
_ROLES: Final = (
    ("Token.Keyword", "keyword"),
    ("Token.Name.Tag", "keyword"),
    ("Token.Operator.Word", "keyword"),
    ("Token.Literal.String", "string"),
    ("Token.Literal.Number", "number"),
    ("Token.Comment", "comment"),
)


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
    if name not in _LANGUAGES:
        return None
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]  # it has no types

    return cast("Lexer", get_lexer_by_name(name, **_AS_IT_IS))


_AS_IT_IS: Final[dict[str, Any]] = {"stripnl": False, "stripall": False, "ensurenl": True, "tabsize": 0}


def _role(kind: str) -> str:
    return next((role for prefix, role in _ROLES if kind.startswith(prefix)), "code")
