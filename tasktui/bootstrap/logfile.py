"""The log of a data directory: what went wrong and no person could be told. Nothing goes to the terminal."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import re
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO, Final

MOST_BYTES: Final = 5 << 20
KEPT: Final = 3
LEVEL: Final = "TASKTUI_LOG_LEVEL"
_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_FORMAT: Final = "%(asctime)s.%(msecs)03dZ %(process)d %(levelname)s %(name)s: %(message)s"
_HIDDEN: Final = "[hidden]"
_NAMES: Final = (
    r"[\w-]*(?:secret|token|password|passwd|api[_-]?key|private[_-]?key|credential|authorization)\w*"
)
_SECRET_NAME: Final = re.compile(_NAMES, re.IGNORECASE)
_ASSIGNED: Final = re.compile(
    rf"""(?P<name>{_NAMES}["']?\s*[:=]\s*)(?:(?:bearer|basic)\s+)?(?:"[^"]*"|'[^']*'|[^\s,;&"']+)""",
    re.IGNORECASE,
)
_BEARER: Final = re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE)
_LEAST_VALUE: Final = 6
"""Characters from which a value of the environment is looked for: shorter ones stand in innocent words."""


def log_path(home: Path) -> Path:
    """Return where the log of a data directory is."""
    return home / "log" / "tasktui.log"


def begin_log(home: Path, *, environ: Mapping[str, str] | None = None) -> None:
    """Send what this process logs to the file of the data directory; a second call does nothing.

    `TASKTUI_LOG_LEVEL` says from which level on (`info` without it). Where the file cannot be written, the
    work goes on without a log.

    Args:
        home: the data directory; it is there.
        environ: where the level and the secrets that must not be written are read; the process's own.
    """
    environ = os.environ if environ is None else environ
    path = log_path(home)
    root = logging.getLogger()
    if any(isinstance(one, LogFile) and one.baseFilename == str(path.absolute()) for one in root.handlers):
        return
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, exist_ok=True)
    handler = LogFile(path)
    handler.setFormatter(Harmless(environ))
    handler.addFilter(_is_news)
    root.addHandler(handler)
    level = environ.get(LEVEL, "").upper()
    logging.getLogger("tasktui").setLevel(level if level in _LEVELS else "INFO")
    threading.excepthook = _thread_failed


def _is_news(record: logging.LogRecord) -> bool:
    """Whether it is worth a line: not that an answer came in the moment in which nobody wanted it any more.

    anyio tells a future of a unix socket, and asyncio complains when that was canceled in the same round.
    """
    late = record.exc_info and isinstance(record.exc_info[1], asyncio.InvalidStateError)
    return not (late and record.name == "asyncio" and "Future.set_result(None)" in record.getMessage())


def end_log(home: Path) -> None:
    """Close the file again."""
    root = logging.getLogger()
    for handler in [one for one in root.handlers if isinstance(one, LogFile)]:
        if handler.baseFilename == str(log_path(home).absolute()):
            root.removeHandler(handler)
            handler.close()


class LogFile(RotatingFileHandler):
    """A file, 0600, that several processes write and any of them rotates; it fails in silence."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=MOST_BYTES, backupCount=KEPT, encoding="utf-8", delay=True)
        self.errors = "backslashreplace"

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line to the file that has the name now: another process may have rotated it."""
        if self.stream is not None and not self._is_current():
            self.stream.close()
            self.stream = None
        super().emit(record)

    def doRollover(self) -> None:  # noqa: N802  # the name of the standard library
        """Rotate, unless another process just did."""
        directory = os.open(Path(self.baseFilename).parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(directory, fcntl.LOCK_EX)
            if self._is_current():
                super().doRollover()
        finally:
            os.close(directory)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the name of the standard library
        """Nobody can be told: a full disk has its banner, and the terminal is the screen's."""

    def _is_current(self) -> bool:
        if self.stream is None:
            return False
        try:
            return os.path.samestat(os.fstat(self.stream.fileno()), os.stat(self.baseFilename))  # noqa: PTH116  # the same call as fstat
        except (OSError, ValueError):
            return False

    def _open(self) -> IO[str]:  # type: ignore[override]  # a text file in any class
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        return os.fdopen(os.open(self.baseFilename, flags, 0o600), "a", encoding="utf-8", errors=self.errors)


class Harmless(logging.Formatter):
    """Lines in UTC without values of variables that are named like secrets, nor what looks like one."""

    converter = staticmethod(time.gmtime)

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(_FORMAT, "%Y-%m-%dT%H:%M:%S")
        values = {
            value
            for name, value in environ.items()
            if _SECRET_NAME.fullmatch(name) and len(value) >= _LEAST_VALUE
        }
        self._values = sorted(values, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with its traceback."""
        text = super().format(record)
        for value in self._values:
            text = text.replace(value, _HIDDEN)
        return _BEARER.sub(rf"\1 {_HIDDEN}", _ASSIGNED.sub(rf"\g<name>{_HIDDEN}", text))


def _thread_failed(args: threading.ExceptHookArgs) -> None:
    """Log what ended a thread; the library would print it on the terminal."""
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        name = args.thread.name if args.thread else "?"
        logging.getLogger("tasktui").error("the thread %s failed", name, exc_info=args.exc_value)
