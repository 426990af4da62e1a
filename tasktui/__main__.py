"""`python -m tasktui`: the same as the `tasktui` command."""

from __future__ import annotations

from tasktui.cli.entry import main

if __name__ == "__main__":
    main()
