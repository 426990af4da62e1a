"""Start the forker: ``python -I -S …/shim/__main__.py FD``, with nothing of the environment on the path."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    sys.path.append(__file__.rsplit("/", 4)[0])
    from tasktui.executors.shim.forker import main

    main(int(sys.argv[1]))
