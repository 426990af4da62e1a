"""Every glyph that we draw has an ASCII twin of its width."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from rich.cells import cell_len

import tasktui
from tasktui.domain.clean import clean, reveal
from tasktui.domain.glyphs import ASCII, ascii_twin

ROOT = Path(tasktui.__file__).parent
NOT_DRAWN = {
    "domain/clean.py",
    "ui/linefilter.py",
    "domain/glyphs.py",
    "store/sqlite/task_reads.py",
    "domain/events/base.py",
}
"""Files whose strings are patterns of what is never shown."""


def _drawn(path: Path) -> Iterator[str]:
    source = path.read_text(encoding="utf-8")
    if source.isascii() and "\\" not in source:
        return  # nothing but letters can come of it, and most files are so
    told = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr):  # it is met before its value
            told.add(id(node.value))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def test_every_glyph_of_the_sources_has_a_twin() -> None:
    sources = [path for path in ROOT.rglob("*.py") if str(path.relative_to(ROOT)) not in NOT_DRAWN]
    without = {
        f"{path.relative_to(ROOT)}: {char!r}"
        for path in sources
        for text in _drawn(path)
        for char in ascii_twin(text)
        if not char.isascii() and not 0xD800 <= ord(char) < 0xE000
    }
    assert len(sources) > 100
    assert without == set()


def test_a_twin_is_ascii_and_as_wide() -> None:
    wrong = [
        chr(code)
        for code, twin in ASCII.items()
        if not twin.isascii() or cell_len(twin) != cell_len(chr(code))
    ]
    assert wrong == []
    assert all(twin.isprintable() for twin in ASCII.values())


def test_what_stands_for_hidden_characters_has_a_twin() -> None:
    assert ascii_twin(clean("a\x00b\nc\x9dd\x7f")).isascii()
    assert ascii_twin(reveal("\x1b[31m\x85")).isascii()


def test_letters_of_other_scripts_stay() -> None:
    assert ascii_twin("✓ déjà vu 日本 …") == "+ déjà vu 日本 ."
