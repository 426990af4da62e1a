"""Demo job: a real test run of which one test fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tasktui.cli.demo.report import rest, say

TESTS = """\
import unittest


def price(cents: int, discount: float) -> int:
    return int(cents * (1 - discount))


class Prices(unittest.TestCase):
    def test_without_discount(self):
        self.assertEqual(price(1999, 0), 1999)

    def test_half(self):
        self.assertEqual(price(1000, 0.5), 500)

    def test_rounds_to_the_nearest_cent(self):
        self.assertEqual(price(1999, 0.15), 1700)


unittest.main(verbosity=2)
"""


def main() -> int:
    """Run the tests and record the gate."""
    path = Path("test_prices.py")
    path.write_text(TESTS)
    say("task.status", message="running 3 tests")
    rest(0.8)
    ran = subprocess.run(
        [sys.executable, str(path)], check=False, capture_output=True, text=True
    )  # our own file
    sys.stderr.write(ran.stderr)
    verdict = "passed" if ran.returncode == 0 else "failed"
    say(
        "gate.recorded",
        gate={"id": "unit", "gate": "test", "command": f"python {path}", "status": verdict,
              "exit_code": ran.returncode, "summary": ran.stderr.strip().splitlines()[-1]},
    )  # fmt: skip
    return ran.returncode


if __name__ == "__main__":
    sys.exit(main())
