"""Where the traceback of an error that nobody foresaw goes: the log, never a person's terminal."""

from __future__ import annotations

import os
import time
import traceback
from pathlib import Path

from tasktui.config import default_home


def record(exc: Exception, argv: list[str]) -> Path | None:
    """Append the traceback to the log of the data directory; None when that cannot be written either.

    Only the command's name is kept of its arguments, for the others may hold what is nobody's business.
    """
    home = Path(os.environ.get("TASKTUI_HOME") or default_home(os.environ))
    log = home / "log" / "tasktui.log"
    when = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    frames = "".join(traceback.format_exception(exc))
    text = f"{when} tasktui {argv[0] if argv else ''}\n{frames}"
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        log.parent.mkdir(mode=0o700, exist_ok=True)
        fd = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(fd, text.encode("utf-8", "backslashreplace"))
        finally:
            os.close(fd)
    except OSError:
        return None
    return log
