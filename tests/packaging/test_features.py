"""The table of behaviours is whole and true; the check notices when it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.packaging.features import ROOT, problems, table


def test_every_behaviour_has_its_test_and_the_table_says_which() -> None:
    assert problems(ROOT) == []


def _project(root: Path, tests: str) -> Path:
    (root / "docs").mkdir()
    (root / "tests").mkdir()
    (root / "docs" / "features.toml").write_text(
        '[A]\ntitle = "Names"\n1 = "It has one."\n2 = "So has she."\n'
    )
    (root / "tests" / "test_names.py").write_text(f"import pytest\n{tests}")
    return root


WHOLE = """
@pytest.mark.feature(1)
@pytest.mark.parametrize("a", [1])
async def test_one(a): ...

class TestMore:
    @pytest.mark.feature(1, 2)
    def test_two(self): ...
"""


def test_a_whole_project_and_one_whose_table_is_old(tmp_path: Path) -> None:
    root = _project(tmp_path, WHOLE)
    assert problems(root) == ["docs/features.md: out of date; run python -m tests.packaging.features --write"]
    (root / "docs" / "features.md").write_text(table(root))
    assert problems(root) == []
    assert "| 1 | It has one. | [test_one](../tests/test_names.py)<br>[test_two]" in table(root)
    (root / "tests" / "test_names.py").write_text(f"import pytest\n{WHOLE.replace('test_one', 'test_other')}")
    assert [line.split(":")[0] for line in problems(root)] == ["docs/features.md"]


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        ("@pytest.mark.feature(1)\ndef test_one(): ...", "docs/features.toml: no test is marked with row 2"),
        (WHOLE.replace("1, 2", "1, 2, 3"), "tests/test_names.py:9: docs/features.toml has no row 3"),
        (WHOLE.replace("test_two", "two"), "tests/test_names.py:9: two is no test"),
        (WHOLE.replace("TestMore", "More"), "tests/test_names.py:9: test_two is no test"),
        ("", "docs/features.toml: no test is marked with row 1"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, tests: str, said: str) -> None:
    root = _project(tmp_path, tests)
    (root / "docs" / "features.md").write_text(table(root))
    assert said in problems(root)
