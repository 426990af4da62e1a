"""The link that lets a browser in, and how it is opened without standing in any command line."""

from __future__ import annotations

import os
import threading
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from tasktui.web.passes import Passes

_PAGE: Final = '<!doctype html><meta http-equiv="refresh" content="0; url={link}"><title>tasktui</title>\n'


class Links:
    """Makes links; leaves nothing behind.

    Args:
        passes: what their tokens are for.
        address: where we listen, as the socket says it.
        folder: where a file may lie that only we can read.
    """

    def __init__(self, passes: Passes, address: Sequence[Any], folder: Path) -> None:
        self._passes = passes
        self._host, self.port = str(address[0]), int(address[1])
        self._page = folder / f"web-{self.port}.html"
        self._newest = ""

    def __enter__(self) -> Links:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._page.unlink(missing_ok=True)

    def new(self) -> str:
        """Return a link that works once; the one before it does not any more."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        self._newest = f"http://{host}:{self.port}/?token={self._passes.new_token()}"
        return self._newest

    def open(self) -> None:
        """Open the newest link in the person's browser, which may take until that is closed again.

        Everybody on the machine can read command lines, so it is given a file that leads to the link.
        """
        self._page.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(self._page, flags, 0o600), "w") as page:
            page.write(_PAGE.format(link=self._newest))
        where = self._page.absolute().as_uri()
        threading.Thread(target=webbrowser.open, args=(where,), daemon=True, name="browser").start()
