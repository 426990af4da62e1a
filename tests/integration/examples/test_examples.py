"""The examples of the documentation print what they promise, each as a program of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "docs" / "examples"
LINES = 60

PROMISED = {
    "follow_a_command": "line 1\nline 2\nline 3\nthree lines: failed, exit code 4\n",
    "python_job": (
        "render the story: completed (completed_with_errors), 100 %\n"
        'result: {"ok": 2, "failed": 1}\n'
        "output: rendered 2 of 3\n"
        "scenes.txt: ['castle', 'forest', 'sea']\n"
    ),
    "callable_lane": "ONE\nTWO\nbeside the lane\nendless: canceled\n",
    "answer_and_steer": (
        "asked: Which branch?\nbuilding next\nbuilt next, with all warnings\nmessage: delivered\n"
    ),
    "custom_executor": (
        "3 words\n"
        "count: success, 3 words\n"
        '{"message_id":"m1","role":"agent","content":"hello dear world"}\n'
        '{"message_id":"m2","role":"agent","content":"louder!"}\n'
    ),
}


@pytest.mark.parametrize("name", PROMISED)
def test_an_example_prints_what_it_promises(name: str, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, EXAMPLES / f"{name}.py", tmp_path / "tasks"],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        cwd=tmp_path,
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == (PROMISED[name], "", 0)


def test_every_example_is_run_documented_and_short() -> None:
    found = {path.stem: path.read_text().count("\n") for path in EXAMPLES.glob("*.py")}
    assert set(found) == set(PROMISED)
    assert max(found.values()) < LINES
    page = (ROOT / "docs" / "embedding.md").read_text()
    assert [name for name in found if f"examples/{name}.py" not in page] == []
