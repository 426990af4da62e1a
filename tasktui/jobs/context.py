"""The context of a job: it tells how far the work is, brings what people say, and says when to stop."""

from __future__ import annotations

import secrets
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeVar

Found = TypeVar("Found")
Level = Literal["debug", "info", "warning", "error"]

LOOK_S: Final = (0.02, 0.5)
"""How often it is looked whether somebody answered: at first, and at last."""


class TaskCanceled(BaseException):  # the name by which jobs know it
    """Raised in a job that is to stop; no `except Exception` of the job swallows it."""


@dataclass(frozen=True)
class JobMessage:
    """What a person sent to a running job."""

    id: str
    text: str
    user: str = "you"
    mode: str = "steer"
    request_id: str | None = None
    """The question that it answers."""
    decision: str | None = None
    """allow or deny, where a permission was asked for."""
    attachments: tuple[str, ...] = ()
    """Paths of files that came with it."""


class JobContext(ABC):
    """Through this a job tells how far it is, hears from people, and learns that it is to stop."""

    def __init__(self, task_id: str, run: int, artifacts: Path) -> None:
        self.task_id = task_id
        self.run = run
        """1, or more after retries."""
        self.artifacts = artifacts
        """A directory of the task's own; every file in it is shown."""
        self.segments_ok = 0
        self.segments_failed = 0
        self._cancelled = False
        self._messages: list[JobMessage] = []
        self._answers: dict[str, JobMessage] = {}

    # --- telling

    def progress(
        self, current: float | None = None, total: float | None = None, *,
        phase: str | None = None, percentage: int | None = None, **extra: object,
    ) -> None:  # fmt: skip
        """Say how far the work is; replaces what was said before.

        Args:
            current: what is done.
            total: of how much; 0 counts as nothing done.
            phase: what is being done.
            percentage: 0 to 100, where it is not current / total.
            extra: anything else worth keeping with it.
        """
        share = percentage
        if share is None and current is not None and total is not None:
            share = int(current / total * 100) if total else 0
        self._tell(
            "task.progress", current=current, total=total, phase=phase, extra=extra or None,
            percentage=None if share is None else max(0, min(100, share)),
        )  # fmt: skip

    def segment(self, segment_id: object, **result: object) -> None:
        """Say that one part of the work is done; what is known of it is kept even if the task is canceled."""
        self.segments_ok += 1
        self._tell("segment.completed", segment_id=str(segment_id), result=result)

    def segment_failed(self, segment_id: object, error: object) -> None:
        """Say that one part failed; the task goes on, and ends as completed with errors."""
        self.segments_failed += 1
        self._tell("segment.failed", segment_id=str(segment_id), error=_said(error))

    def status(self, text: str) -> None:
        """Say in one line what is being done."""
        self._tell("task.status", message=text)

    def log(self, text: str, *, level: Level = "info") -> None:
        """Say something for whoever looks into it later."""
        self._tell("log", message=text, level=level)

    def warn(self, text: str, *, code: str | None = None) -> None:
        """Say that something is wrong that does not end the task."""
        self._tell("task.warning", message=text, code=code)

    def message(self, text: str, *, thought: bool = False) -> None:
        """Say something to the person."""
        role = "thought" if thought else "agent"
        self._tell("message.completed", message_id=f"m{secrets.token_hex(4)}", role=role, content=text)

    def checklist(self, items: Sequence[str] | Mapping[str, str]) -> None:
        """Replace the checklist.

        Args:
            items: the lines; as a mapping, each with `pending`, `in_progress` or `completed`.
        """
        states = items if isinstance(items, Mapping) else dict.fromkeys(items, "pending")
        lines = [
            {"id": number, "content": text, "status": state}
            for number, (text, state) in enumerate(states.items(), 1)
        ]
        self._tell("checklist.updated", items=lines)

    def artifact(
        self, content: Path | str | bytes, label: str | None = None, *, role: str = "result",
        summary: str | None = None,
    ) -> Path:  # fmt: skip
        """Name a file as a result, or keep bytes as one, and return where it is.

        Args:
            content: a path, or the bytes themselves, which then need a label.
            label: what it is called; the file's name by default.
            role: result, patch, log or another word.
            summary: one line about it.
        """
        if isinstance(content, bytes):
            if not label:
                raise ValueError("bytes need a label: ctx.artifact(data, 'report.csv')")
            path = self.artifacts / Path(label).name
            _put(path, content)
        else:
            path = Path(content).absolute()
        self._tell("artifact.added", path=str(path), label=label, role=role, summary=summary)
        return path

    # --- hearing

    @property
    def cancelled(self) -> bool:
        """Whether the task is to stop; what it returns then is kept."""
        return self._cancelled

    def raise_if_cancelled(self) -> None:
        """End the job here if it is to stop.

        Raises:
            TaskCanceled: it is.
        """
        if self._cancelled:
            raise TaskCanceled

    def interventions(self) -> list[JobMessage]:
        """Return the messages that came since the last look, without waiting."""
        self._receive(0)
        came, self._messages = self._messages, []
        return came

    def next_intervention(self, timeout_s: float | None = None) -> JobMessage | None:
        """Wait for a message; None when none came in time.

        Raises:
            TaskCanceled: the task is to stop.
        """
        return self._wait_for(lambda: self._messages.pop(0) if self._messages else None, timeout_s)

    def ask(
        self, question: str, options: Sequence[str] = (), *, timeout_s: float | None = None
    ) -> str | None:
        """Ask a person and wait for the answer; None when nobody answered in time.

        Raises:
            TaskCanceled: the task is to stop.
        """
        answer = self._request("input.requested", timeout_s, question=question, options=list(options))
        return None if answer is None else answer.text

    def permission(self, summary: str, *, tool: str | None = None, timeout_s: float | None = None) -> bool:
        """Ask a person for permission and wait; False when it was denied or nobody decided in time.

        Raises:
            TaskCanceled: the task is to stop.
        """
        answer = self._request("approval.requested", timeout_s, summary=summary, tool=tool)
        return answer is not None and answer.decision == "allow"

    def _request(self, event_type: str, timeout_s: float | None, **data: object) -> JobMessage | None:
        _refuse_to_block_a_loop()
        request = f"q{secrets.token_hex(4)}"
        self._tell(event_type, request_id=request, **data)
        return self._wait_for(lambda: self._answers.pop(request, None), timeout_s)

    def _wait_for(self, look: Callable[[], Found | None], timeout_s: float | None) -> Found | None:
        _refuse_to_block_a_loop()
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        pause, longest = LOOK_S
        self._receive(0)
        while (found := look()) is None:
            self.raise_if_cancelled()
            left = longest if deadline is None else deadline - time.monotonic()
            if left <= 0:
                return None
            self._receive(min(pause, left))
            pause = min(pause * 1.5, longest)
        return found

    def _take(self, message: JobMessage) -> None:
        """Keep what came for the job."""
        if message.request_id is None:
            self._messages.append(message)
        else:
            self._answers[message.request_id] = message

    def _tell(self, event_type: str, **data: object) -> None:
        self._report(event_type, {name: value for name, value in data.items() if value is not None})

    @abstractmethod
    def _report(self, event_type: str, data: dict[str, object]) -> None:
        """Pass one event on."""

    @abstractmethod
    def _receive(self, wait_s: float) -> None:
        """Take in what came; when nothing did, wait so long for it."""


def _put(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all."""
    hidden = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        hidden.write_bytes(content)
        hidden.replace(path)
    except OSError:
        hidden.unlink(missing_ok=True)
        raise


def _refuse_to_block_a_loop() -> None:
    asyncio = sys.modules.get("asyncio")  # where nobody loaded it no loop runs
    try:
        if asyncio is None or asyncio.get_running_loop() is None:
            return
    except RuntimeError:
        return
    raise RuntimeError("This waits and would stop the event loop: use await asyncio.to_thread(ctx.ask, …)")


def _said(error: object) -> str:
    if isinstance(error, BaseException):
        return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return str(error)
