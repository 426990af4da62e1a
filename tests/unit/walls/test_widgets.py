"""The wall before the widgets, on good and bad samples."""

from __future__ import annotations

import pytest

from tests.packaging.walls.provenance import MAKER
from tests.packaging.walls.widgets import unsafe

PATH = "tasktui/ui/widgets/sample.py"
MAKERS = """
from textual.content import Content
def safe(text: str) -> Content: ...
def joined(*pieces: str) -> Content: ...
def safe_str(text: str) -> str: ...
"""
HEAD = """
from textual.content import Content
from textual.widgets import Button, Collapsible, Input, Label, Static
from tasktui.ui import text as door
from tasktui.ui.text import joined, safe, safe as literal, safe_str
from tasktui.ui.glyphs import GLYPHS
HINTS = {"x": "cancel"}
"""


def _lines(body: str) -> list[int]:
    """The lines of `body`, counted from 1, where something is found."""
    head = HEAD.count("\n")
    return [finding.line - head for finding in unsafe({MAKER: MAKERS, PATH: HEAD + body})]


@pytest.mark.parametrize(
    "call",
    [
        'Static("ready")',
        "Static()",
        'Static(id="x", classes=row.title)',
        "Static(safe(row.title))",
        "Static(literal(row.title))",
        "Label(door.safe(row.title))",
        'Static("a" if row.live else "b")',
        'Static(f"{n:,} tasks")',
        'Static(f"{len(rows)} tasks")',
        'Static("-" * width)',
        "Static(HINTS[key])",
        "Static(GLYPHS[status])",
        "Static(safe_str(row.title), markup=False)",
        'Static(Content("a ") + safe(row.title))',
        "Static(Content(safe_str(row.title)))",
        'Static(Content.assemble(safe(row.title), ("x", "bold")))',
        'Static(Content(" ").join([safe(tag) for tag in row.tags]))',
        "Input(value=safe_str(row.title), placeholder=safe(row.hint))",
        "Collapsible(inner, title=safe(row.title))",
        "self.notify(safe_str(row.error), markup=False)",
        'self.query_one("#x").update(joined(row.title))',
        "counts.update({row.title: 1})",
        "self.update()",
    ],
)
def test_what_is_ours_or_clean_passes(call: str) -> None:
    assert _lines(f"def f(self, row, n, width): {call}\n") == []


@pytest.mark.parametrize(
    "call",
    [
        "Static(row.title)",
        "Static(title)",
        "Static(content=row.title)",
        "Static(str(row.error))",
        'Static(f"task {row.title}")',
        'Static("task " + row.title)',
        'Static("task %s" % row.title)',
        'Static("ok" if row.live else row.title)',
        "Static(row.title * 2)",
        "Static(safe_str(row.title))",
        "Static(clean(row.title))",
        "Static(Content(row.title))",
        "Static(Content.from_markup(safe_str(row.title)))",
        'Static(" ".join(row.tags))',
        "Static(row.title, markup=False)",
        "Button(row.title)",
        "Input(value=row.title)",
        "Input(placeholder=safe_str(row.title))",
        "Collapsible(inner, title=row.title)",
        "self.notify(row.error)",
        "self.notify(safe_str(row.error))",
        'self.notify("x", title=row.title)',
        'self.query_one("#x").update(row.title)',
        'self.query_one("#x").update(str(row.title))',
        'Static("x", tooltip=row.title)',
    ],
)
def test_a_bare_string_is_found(call: str) -> None:
    assert set(_lines(f"def f(self, row, title): {call}\n")) == {1}


@pytest.mark.parametrize(
    "name", ["border_title", "border_subtitle", "tooltip", "placeholder", "title", "sub_title"]
)
def test_titles_are_widgets_too(name: str) -> None:
    assert _lines(f"def f(self, row):\n    self.{name} = row.title\n") == [2]
    assert _lines(f"def f(self, row):\n    self.{name} = safe(row.title)\n") == []


def test_a_window_title_takes_a_clean_string_and_a_border_title_does_not() -> None:
    assert _lines("def f(self, row):\n    self.title = safe_str(row.title)\n") == []
    assert _lines("def f(self, row):\n    self.border_title = safe_str(row.title)\n") == [2]


def test_a_name_is_as_good_as_everything_bound_to_it() -> None:
    good = "def f(row):\n    title = safe(row.title)\n    if row.live:\n        title = title + '!'\n"
    good += "    Static(title)\n"
    assert _lines(good) == []
    assert _lines(good.replace("title + '!'", "row.name")) == [5]


def test_a_name_of_another_function_says_nothing() -> None:
    assert _lines("def f(row):\n    x = safe(row.a)\n\ndef g(x):\n    Static(x)\n") == [5]


def test_content_by_annotation_is_trusted() -> None:
    assert _lines(
        "def f(title: Content, n: int, name: str):\n    Static(title)\n    Static(f'{n}')\n    Static(name)\n"
    ) == [4]


def test_merging_into_a_dict_or_a_set_draws_nothing() -> None:
    seen = "class A:\n    def f(self, rows):\n        self._seen: set[str] = set()\n"
    seen += "        self._seen.update({})\n"
    assert _lines(seen.format("rows")) == []
    unknown = seen.replace(": set[str] = set()", " = rows.seen")
    assert _lines(unknown.format("rows")) == [4]
    assert _lines(unknown.format("range(5)")) == []
    assert _lines("def f(rows):\n    seen = {}\n    seen.update(rows)\n") == []
    kept = "class Marks{}:\n    pass\nclass A:\n    def f(self, row):\n        self.marks = Marks()\n"
    kept += "        self.marks.update(row)\n"
    assert _lines(kept.format("")) == []
    assert _lines(kept.format("") + "class B:\n    marks: tuple[int, ...] = ()\n") == []
    assert _lines(kept.format("(Static)")) == [6]


def test_functions_are_followed() -> None:
    good = "class A:\n    def f(self):\n        Static(self.g())\n    def g(self):\n        return 'a'\n"
    assert _lines(good) == []
    assert _lines(good.replace("'a'", "self.row.title")) == [3]
    assert _lines(good.replace("def g(self)", "def g(self) -> Content").replace("'a'", "self.made")) == []


def test_loops_over_our_own_words_pass() -> None:
    assert _lines("def f():\n    for key, word in HINTS.items():\n        Label(word)\n") == []
    assert _lines("def f(rows):\n    for row in rows:\n        Label(row)\n") == [3]


def test_render_is_drawn_with_its_markup() -> None:
    assert _lines("class A:\n    def render(self) -> str:\n        return self.row.title\n") == [3]
    assert _lines("class A:\n    def render(self) -> Content:\n        return self.made\n") == []


def test_a_widget_of_ours_takes_text_as_its_base_does() -> None:
    assert _lines("class Badge(Static):\n    pass\ndef f(row):\n    Badge(row.title)\n") == [4]
    own = "class Badge(Static):\n    def __init__(self, row):\n        super().__init__({})\n"
    assert _lines(own.format("row.title")) == [3]
    assert _lines(own.format("safe(row.title)")) == []
