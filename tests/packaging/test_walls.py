"""The project keeps its own walls; `make check` runs the same ones."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.packaging.walls.__main__ import findings
from tests.packaging.walls.finding import ROOT


def test_no_file_of_the_project_breaks_a_wall() -> None:
    assert [str(finding) for finding in findings(ROOT)] == []


def test_a_project_that_breaks_each_wall_is_found_out(tmp_path: Path) -> None:
    broken = {
        "stray.txt": "x\n",
        "docs/a.md": "see /" + "root/notes\n",
        "styles/app.tcss": "Row { color: #ffffff; }\n",
        "tasktui/a.py": "x = 1  # no" + "qa\n",
        "tasktui/b.py": "x = 1\n" * 301,
        "tasktui/c.py": "x = '#ff0000'\n",
        "tasktui/ui/d.py": "Static(row.title)\n",
        "tasktui/ui/themes.py": "x = '#ff0000'\n",
    }
    for path, text in broken.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True, timeout=30)
    assert {finding.path for finding in findings(tmp_path)} == set(broken) - {"tasktui/ui/themes.py"}
