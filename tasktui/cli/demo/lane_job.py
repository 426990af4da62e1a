"""Demo job: a few seconds of arithmetic in a lane that runs one task at a time."""

from __future__ import annotations

import sys

from tasktui.cli.demo.report import rest, say

ROUNDS = 10


def main() -> None:
    """Count primes in slices, with progress."""
    found = 0
    for part in range(ROUNDS):
        found += sum(
            all(n % k for k in range(2, int(n**0.5) + 1)) for n in range(part * 500 + 2, part * 500 + 502)
        )
        say("task.progress", current=part + 1, total=ROUNDS, phase="counting primes")
        rest(0.3)
    sys.stdout.write(f"{found} primes\n")


if __name__ == "__main__":
    main()
