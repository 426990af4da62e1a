"""The size walls, on small samples."""

from __future__ import annotations

import pytest

from tests.packaging.walls.sizes import too_long


def _function(lines: int, *, docstring: str = "", noise: str = "") -> str:
    body = "".join(f"    x{n} = {n}\n{noise}" for n in range(lines - 1))
    return f"def f():\n{docstring}{body}"


def test_a_file_of_300_lines_passes_and_301_do_not() -> None:
    assert list(too_long("a.py", "x = 1\n" * 300)) == []
    (finding,) = too_long("a.py", "x = 1\n" * 301)
    assert "301 lines" in finding.message


def test_a_function_of_30_lines_of_code_passes_and_31_do_not() -> None:
    assert list(too_long("a.py", _function(30))) == []
    (finding,) = too_long("a.py", _function(31))
    assert finding.line == 1
    assert "f() has 31 lines" in finding.message


@pytest.mark.parametrize("kind", ["async def", "def"])
def test_docstring_blanks_comments_and_a_wide_signature_do_not_count(kind: str) -> None:
    docstring = '    """One.\n\n    Two.\n    """\n'
    source = _function(30, docstring=docstring, noise="\n    # why\n").replace(
        "def f():", f"{kind} f(\n    a,\n    b,\n):"
    )
    assert list(too_long("a.py", source)) == []


def test_a_string_over_many_lines_is_code() -> None:
    assert len(list(too_long("a.py", 'def f():\n    x = """' + "\n" * 30 + '"""\n'))) == 1


def test_a_method_is_held_to_the_same_wall() -> None:
    method = "".join(f"    {line}\n" for line in _function(31).splitlines())
    assert [finding.line for finding in too_long("a.py", f"class A:\n{method}")] == [2]
