"""The context of a job in a process of its own: it reports to one file and hears from another."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Self

from tasktui.jobs.context import JobContext, JobMessage, Level

TRACEBACK = "traceback.txt"


class FileContext(JobContext):
    """Appends to `TASKTUI_EVENTS`, reads on in `TASKTUI_INBOX`."""

    def __init__(self, task_id: str, run: int, artifacts: Path, *, events: Path, inbox: Path) -> None:
        super().__init__(task_id, run, artifacts)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._events = os.open(events, flags, 0o600)
        self._inbox = inbox
        self._read = 0
        self._rest = b""
        self._silent = self._torn = False

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
        # what a full disk tore must not spoil this one, too
        line = b"\n" * self._torn + line
        self._torn = True
        try:
            self._torn = os.write(self._events, line) < len(line)
        except OSError as exc:
            if not self._silent:  # a full disk is no reason to lose the work itself
                self._silent = True
                sys.stderr.write(f"tasktui: reports cannot be written: {exc}\n")

    def _receive(self, wait_s: float) -> None:
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
