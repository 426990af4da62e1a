"""Demo job: a long log, with colours, a progress line and errors on the other stream."""

from __future__ import annotations

import hashlib
import sys

from tasktui.cli.demo.report import rest

LINES = 4000


def main() -> None:
    """Hash and tell, at a pace that can be followed."""
    digest = b"tasktui"
    for number in range(1, LINES + 1):
        digest = hashlib.sha256(digest).digest()
        sys.stdout.write(f"\x1b[32mblock {number:5d}\x1b[0m sha256 {digest.hex()}\n")
        if number % 250 == 0:
            sys.stderr.write(f"warning: block {number} took longer than the others\n")
            sys.stderr.flush()
        if number % 20 == 0:
            sys.stdout.flush()
            rest(0.1)
    sys.stdout.write(f"{LINES} blocks done\n")


if __name__ == "__main__":
    main()
