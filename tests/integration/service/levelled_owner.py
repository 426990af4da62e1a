"""A real `tasktui` of another API level: `python levelled_owner.py API OLDEST WORD…`."""

from __future__ import annotations

import sys

from tasktui.service import levels

levels.API, levels.OLDEST = int(sys.argv[1]), int(sys.argv[2])  # type: ignore[misc]  # as if it were another version

if __name__ == "__main__":
    from tasktui.cli.entry import main

    sys.argv[1:] = sys.argv[3:]
    main()
