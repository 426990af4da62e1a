"""Markdown as lines: headings, lists, code, quotes and tables in roles of the stylesheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from tasktui.domain.clean import clean
from tasktui.ui.widgets.detail.code import code_lines
from tasktui.ui.widgets.detail.line import Line, Span, line, wrapped

if TYPE_CHECKING:
    from markdown_it.token import Token

LIMIT: Final = 65_536
"""Characters that are laid out; what is longer is cut and says so."""
_CODE: Final = "  "


def markdown_lines(text: str, width: int) -> list[Line]:
    """Return Markdown from anywhere as lines of at most `width` cells."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["html_block", "html_inline"])
    lines = _Page(width).lay_out(parser.parse(clean(text, limit=LIMIT, multiline=True)))
    while lines and not lines[-1].text.strip():
        lines.pop()
    return lines


class _Page:
    """Lays blocks out one below the other; lists and quotes indent what they hold."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._lines: list[Line] = []
        self._indent: list[Span] = []
        self._bullet: Span | None = None
        self._numbers: list[int | None] = []
        self._role = "plain"
        self._cells: list[str] | None = None

    def lay_out(self, tokens: Sequence[Token]) -> list[Line]:
        """Return the lines of a document."""
        for token in tokens:
            handler = getattr(self, f"_{token.type}", None)
            if handler is not None:
                handler(token)
        return self._lines

    def _inline(self, token: Token) -> None:
        spans = list(_spans(token.children or (), self._role))
        if self._cells is not None:
            self._cells.append("".join(text for text, _ in spans))
            return
        for row in _rows(spans):
            self._put(row)

    def _put(self, spans: Sequence[Span]) -> None:
        lead = [*self._indent[:-1], self._bullet] if self._bullet and self._indent else [*self._indent]
        self._bullet = None
        hang = sum(len(text) for text, _ in lead)
        quoted = any("│" in text for text, _ in lead)
        whole = line(*lead, *spans, hang=hang)
        broken = wrapped(whole, self._width)
        if quoted:
            lead_line = line(*self._indent)
            broken = [
                broken[0],
                *(Line((*lead_line.spans, (part.text.strip(), "em"))) for part in broken[1:]),
            ]
        self._lines += broken

    def _gap(self) -> None:
        if self._lines and self._lines[-1].text.strip() and not self._numbers:
            self._lines.append(Line(()))

    def _heading_open(self, token: Token) -> None:
        self._gap()
        self._role = "head"

    def _heading_close(self, token: Token) -> None:
        self._role = "plain"
        self._gap()

    def _paragraph_close(self, token: Token) -> None:
        if not token.hidden:
            self._gap()

    def _bullet_list_open(self, token: Token) -> None:
        self._numbers.append(None)

    def _ordered_list_open(self, token: Token) -> None:
        self._numbers.append(int(token.attrGet("start") or 1))

    def _list_item_open(self, token: Token) -> None:
        number = self._numbers[-1]
        bullet = "• " if number is None else f"{number}. "
        if number is not None:
            self._numbers[-1] = number + 1
        self._indent.append((" " * len(bullet), "plain"))
        self._bullet = (bullet, "voice")

    def _list_item_close(self, token: Token) -> None:
        self._indent.pop()
        self._bullet = None

    def _bullet_list_close(self, token: Token) -> None:
        self._numbers.pop()
        self._gap()

    _ordered_list_close = _bullet_list_close

    def _blockquote_open(self, token: Token) -> None:
        self._indent.append(("│ ", "muted"))
        self._role = "em"

    def _blockquote_close(self, token: Token) -> None:
        self._indent.pop()
        self._role = "plain"
        self._gap()

    def _fence(self, token: Token) -> None:
        self._gap()
        for row in code_lines(token.content.rstrip("\n"), token.info):
            self._put([(_CODE, "plain"), *row])
        self._gap()

    _code_block = _fence

    def _hr(self, token: Token) -> None:
        self._put([("─" * max(3, self._width // 2), "muted")])
        self._gap()

    def _tr_open(self, token: Token) -> None:
        self._cells = []

    def _tr_close(self, token: Token) -> None:
        cells, self._cells = self._cells or [], None
        self._put([(" │ ".join(cells), "plain")])

    def _thead_close(self, token: Token) -> None:
        self._put([("─" * max(3, self._width // 2), "muted")])

    def _table_close(self, token: Token) -> None:
        self._gap()


def _spans(tokens: Sequence[Token], role: str) -> Iterator[Span]:
    """Inline tokens as texts in roles; a line break is a span of its own."""
    roles = [role]
    for token in tokens:
        if token.nesting > 0:
            roles.append(
                {"strong_open": "strong", "em_open": "em", "link_open": "link"}.get(token.type, role)
            )
        elif token.nesting < 0:
            roles.pop()
        elif token.type == "hardbreak":
            yield "\n", ""
        else:
            text = " " if token.type == "softbreak" else token.content
            yield text, "code" if token.type == "code_inline" else roles[-1]


def _rows(spans: Sequence[Span]) -> Iterator[list[Span]]:
    row: list[Span] = []
    for span in spans:
        if span == ("\n", ""):
            yield row
            row = []
        else:
            row.append(span)
    yield row
