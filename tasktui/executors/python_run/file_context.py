"""The context of a job in a process of its own: it reports to one file and hears from another."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from threading import Lock
from typing import Self

from tasktui.executors.line_file import lead
from tasktui.jobs.context import JobContext, JobMessage, Level

TRACEBACK = "traceback.txt"
MAX_UNWRITTEN = 4 << 20
"""Bytes of reports that wait for room on the disk, beyond which more are lost."""


class FileContext(JobContext):
    """Appends to `TASKTUI_EVENTS`, reads on in `TASKTUI_INBOX`."""

    def __init__(self, task_id: str, run: int, artifacts: Path, *, events: Path, inbox: Path) -> None:
        super().__init__(task_id, run, artifacts)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._events = os.open(events, flags, 0o600)
        self._inbox = inbox
        self._read = 0
        self._rest = b""
        self._silent = False
        self._unwritten = bytearray(lead(events, self._events))
        """Reports, or the rest of one, that the disk did not take."""
        self._writing = Lock()
        os.register_at_fork(after_in_child=self._unwritten.clear)  # it is the parent's to write

    @classmethod
    def of_environment(cls) -> Self:
        """Return the context that the variables of the task describe."""
        env = os.environ
        return cls(
            env["TASKTUI_TASK_ID"], int(env["TASKTUI_RUN"]), Path(env["TASKTUI_ARTIFACTS"]),
            events=Path(env["TASKTUI_EVENTS"]), inbox=Path(env["TASKTUI_INBOX"]),
        )  # fmt: skip

    def cancel(self) -> None:
        """Raise the flag; this runs in a signal handler."""
        self._cancelled = True

    def log(self, text: str, *, level: Level = "info") -> None:
        """Say something for whoever looks into it later: it stands in the output, too."""
        sys.stdout.write(f"{text}\n")
        self._tell("log", message=text, level=level)

    def keep_traceback(self, text: str, error: BaseException) -> None:
        """Keep why the job failed as a file of the task."""
        try:
            content = text.encode("utf-8", "backslashreplace")
            self.artifact(content, TRACEBACK, role="log", summary=f"{type(error).__name__} in the job")
        except OSError:
            return

    def _report(self, event_type: str, data: dict[str, object]) -> None:
        line = json.dumps({"type": event_type, "data": data}, default=str).encode() + b"\n"
        with self._writing:
            if len(self._unwritten) <= MAX_UNWRITTEN:
                self._unwritten += line
        self.catch_up()

    def catch_up(self) -> None:
        """Write what was reported and the disk did not take yet: that is no reason to hold up the work."""
        with self._writing:
            try:
                while self._unwritten:
                    del self._unwritten[: os.write(self._events, self._unwritten)]
            except OSError as exc:
                if not self._silent:
                    self._silent = True
                    sys.stderr.write(f"tasktui: reports cannot be written now: {exc}\n")

    def _receive(self, wait_s: float) -> None:
        self.catch_up()  # a question may be among it
        if not self._read_on() and wait_s:
            time.sleep(wait_s)
            self._read_on()

    def _read_on(self) -> bool:
        """Take the whole lines that are new; return whether there were any."""
        try:
            with self._inbox.open("rb") as file:
                file.seek(self._read)
                block = file.read()
        except FileNotFoundError:
            return False
        self._read += len(block)
        *lines, self._rest = (self._rest + block).split(b"\n")
        for line in lines:
            self._hear(line)
        return bool(lines)

    def _hear(self, line: bytes) -> None:
        try:
            entry = json.loads(line)
        except ValueError:
            return
        if isinstance(entry, dict):
            self._take(
                JobMessage(
                    id=str(entry.get("id", "")), text=str(entry.get("text", "")),
                    user=str(entry.get("user", "you")), mode=str(entry.get("mode", "steer")),
                    request_id=entry.get("request_id"), decision=entry.get("decision"),
                    attachments=tuple(map(str, entry.get("attachments") or ())),
                )
            )  # fmt: skip
